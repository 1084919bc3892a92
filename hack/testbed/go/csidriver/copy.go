package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// qemu is the user of KubeVirt's launcher, and its group.
const qemu = 107

// copyFolder copies what is in a folder, owners and modes with it; holes stay holes, and where the file system can, data is shared.
func copyFolder(ctx context.Context, from, to string) error {
	output, err := exec.CommandContext(ctx, "cp", "-a", "--sparse=always", "--reflink=auto", from+"/.", to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cp: %w: %s", err, output)
	}
	return nil
}

// growDisk makes the file at least that long, as a file of KubeVirt's; where there is none it is one big hole.
func growDisk(file string, bytes int64) error {
	disk, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o660)
	if err != nil {
		return err
	}
	defer disk.Close()
	there, err := disk.Stat()
	if err != nil {
		return err
	}
	if there.Size() >= bytes {
		return nil
	}
	return errors.Join(disk.Truncate(bytes), disk.Chown(qemu, qemu))
}
