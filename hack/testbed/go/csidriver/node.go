package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
)

func (d *driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: d.node}, nil
}

func (d *driver) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	expand := &csi.NodeServiceCapability_RPC{Type: csi.NodeServiceCapability_RPC_EXPAND_VOLUME}
	rpc := &csi.NodeServiceCapability_Rpc{Rpc: expand}
	return &csi.NodeGetCapabilitiesResponse{Capabilities: []*csi.NodeServiceCapability{{Type: rpc}}}, nil
}

// NodePublishVolume mounts the volume's folder, or its loop device, where kubelet wants it for a Pod. Done twice it is done once.
func (d *driver) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	volume, err := d.volumes.need(request.VolumeId)
	if err != nil {
		return nil, err
	}
	source := d.volumes.data(volume.ID)
	if request.VolumeCapability.GetBlock() != nil {
		if source, err = d.devices.attach(volume.ID, d.volumes.disk(volume.ID), request.TargetPath); err != nil {
			return nil, err
		}
		err = makeFile(request.TargetPath)
	} else {
		err = os.MkdirAll(request.TargetPath, 0o750)
	}
	if err != nil {
		return nil, err
	}
	return &csi.NodePublishVolumeResponse{}, bind(source, request.TargetPath, request.Readonly)
}

func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func bind(source, target string, readOnly bool) error {
	from, err := os.Stat(source)
	if err != nil {
		return err
	}
	if there, err := os.Stat(target); err != nil || os.SameFile(from, there) {
		return err
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil || !readOnly {
		return err
	}
	return unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")
}

func (d *driver) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	// EINVAL: nothing is mounted there, or no longer.
	err := unix.Unmount(request.TargetPath, 0)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return nil, err
	}
	if err := os.Remove(request.TargetPath); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, d.devices.detach(request.VolumeId, request.TargetPath)
}

func (d *driver) NodeExpandVolume(_ context.Context, request *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	volume, err := d.volumes.need(request.VolumeId)
	if err != nil {
		return nil, err
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: volume.Bytes}, d.devices.grow(volume.ID)
}
