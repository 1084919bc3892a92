package main

import (
	"context"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func (d *driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, each := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
	} {
		rpc := &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: each}}
		answer.Capabilities = append(answer.Capabilities, &csi.ControllerServiceCapability{Type: rpc})
	}
	return answer, nil
}

// CreateVolume makes an empty volume, or a copy of a snapshot or of another volume. Its name is its ID.
func (d *driver) CreateVolume(ctx context.Context, request *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	release, err := d.busy.take(request.Name)
	if err != nil {
		return nil, err
	}
	defer release()
	wanted := record{ID: request.Name, Bytes: request.CapacityRange.GetRequiredBytes(), Created: time.Now().UTC()}
	for _, capability := range request.VolumeCapabilities {
		wanted.Block = wanted.Block || capability.GetBlock() != nil
	}
	if wanted.Block {
		wanted.Bytes = wholeBlocks(wanted.Bytes)
	}
	there, err := d.volumes.get(wanted.ID)
	if err != nil {
		return nil, err
	}
	if there != nil {
		if there.Bytes != wanted.Bytes || there.Block != wanted.Block {
			return nil, status.Errorf(codes.AlreadyExists, "volume %s exists and is another: %d bytes", there.ID, there.Bytes)
		}
		return &csi.CreateVolumeResponse{Volume: volumeOf(*there, request.VolumeContentSource)}, nil
	}
	from, source, err := d.sourceOf(request.VolumeContentSource)
	if err != nil {
		return nil, err
	}
	if source != nil {
		if source.Block != wanted.Block {
			return nil, status.Errorf(codes.InvalidArgument, "%s has another volume mode", source.ID)
		}
		if wanted.Bytes < source.Bytes {
			return nil, status.Errorf(codes.OutOfRange, "%d bytes are less than the %d of %s", wanted.Bytes, source.Bytes, source.ID)
		}
		wanted.Source = source.ID
	}
	err = d.volumes.add(wanted, func(folder string) error {
		if source != nil {
			if err := copyFolder(ctx, from, folder); err != nil {
				return err
			}
		}
		if wanted.Block {
			return growDisk(d.volumes.disk(wanted.ID), wanted.Bytes)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &csi.CreateVolumeResponse{Volume: volumeOf(wanted, request.VolumeContentSource)}, nil
}

// sourceOf returns a folder to copy and what is in it; both are empty for a volume that begins empty.
func (d *driver) sourceOf(source *csi.VolumeContentSource) (string, *record, error) {
	shelf, id := d.snapshots, source.GetSnapshot().GetSnapshotId()
	if source.GetVolume() != nil {
		shelf, id = d.volumes, source.GetVolume().VolumeId
	}
	if source == nil {
		return "", nil, nil
	}
	found, err := shelf.need(id)
	return shelf.data(id), found, err
}

func volumeOf(record record, source *csi.VolumeContentSource) *csi.Volume {
	return &csi.Volume{VolumeId: record.ID, CapacityBytes: record.Bytes, ContentSource: source}
}

func (d *driver) DeleteVolume(_ context.Context, request *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	release, err := d.busy.take(request.VolumeId)
	if err != nil {
		return nil, err
	}
	defer release()
	// Also for a name that is none: it would be asked to delete that again and again.
	if _, err := d.volumes.get(request.VolumeId); err != nil {
		return &csi.DeleteVolumeResponse{}, nil
	}
	return &csi.DeleteVolumeResponse{}, d.volumes.remove(request.VolumeId)
}

// ControllerExpandVolume: a folder has room for all that is written to it, so only a block device really grows, and its loop device with it.
func (d *driver) ControllerExpandVolume(_ context.Context, request *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	release, err := d.busy.take(request.VolumeId)
	if err != nil {
		return nil, err
	}
	defer release()
	volume, err := d.volumes.need(request.VolumeId)
	if err != nil {
		return nil, err
	}
	volume.Bytes = max(volume.Bytes, request.CapacityRange.GetRequiredBytes())
	if volume.Block {
		volume.Bytes = wholeBlocks(volume.Bytes)
		if err := growDisk(d.volumes.disk(volume.ID), volume.Bytes); err != nil {
			return nil, err
		}
	}
	if err := d.volumes.write(*volume); err != nil {
		return nil, err
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: volume.Bytes, NodeExpansionRequired: volume.Block}, nil
}

func (d *driver) ValidateVolumeCapabilities(_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if _, err := d.volumes.need(request.VolumeId); err != nil {
		return nil, err
	}
	confirmed := &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: request.VolumeCapabilities}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: confirmed}, nil
}
