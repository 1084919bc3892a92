package main

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// devices are the loop devices of the volumes that Pods use as block devices. The kernel takes one back when the last who has it open
// closes it, however that comes about; until then this process is one of them.
type devices struct {
	mutex   sync.Mutex
	devices map[string]*device
}

type device struct {
	file    *os.File
	targets map[string]bool
}

func newDevices() *devices { return &devices{devices: map[string]*device{}} }

const blockSize = 512

func wholeBlocks(bytes int64) int64 { return (bytes + blockSize - 1) / blockSize * blockSize }

// attach returns the path of the volume's device, for use at one more target.
func (d *devices) attach(volume, disk, target string) (string, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.devices[volume] == nil {
		file, err := loopDevice(disk)
		if err != nil {
			return "", err
		}
		d.devices[volume] = &device{file: file, targets: map[string]bool{}}
	}
	d.devices[volume].targets[target] = true
	return d.devices[volume].file.Name(), nil
}

func (d *devices) detach(volume, target string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	attached := d.devices[volume]
	if attached == nil {
		return nil
	}
	delete(attached.targets, target)
	if len(attached.targets) > 0 {
		return nil
	}
	delete(d.devices, volume)
	return attached.file.Close()
}

// grow makes the device as large as its file has become.
func (d *devices) grow(volume string) error {
	return d.with(volume, func(file *os.File) error { return unix.IoctlSetInt(int(file.Fd()), unix.LOOP_SET_CAPACITY, 0) })
}

// sync brings what was written to the device into its file.
func (d *devices) sync(volume string) error {
	return d.with(volume, func(file *os.File) error { return file.Sync() })
}

func (d *devices) with(volume string, do func(*os.File) error) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.devices[volume] == nil {
		return nil
	}
	return do(d.devices[volume].file)
}

// loopDevice opens a free loop device and makes it the file's. Others look for free ones too, so it may take more than one attempt.
func loopDevice(file string) (*os.File, error) {
	backing, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer backing.Close()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer control.Close()
	for range 10 {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, fmt.Errorf("no loop device is free: %w", err)
		}
		device, err := os.OpenFile(fmt.Sprintf("/dev/loop%d", number), os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		config := &unix.LoopConfig{Fd: uint32(backing.Fd()), Size: blockSize, Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
		err = unix.IoctlLoopConfigure(int(device.Fd()), config)
		if err == nil {
			return device, nil
		}
		device.Close()
		if !errors.Is(err, unix.EBUSY) {
			return nil, err
		}
	}
	return nil, errors.New("other programs take every loop device")
}
