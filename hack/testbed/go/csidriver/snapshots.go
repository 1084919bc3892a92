package main

import (
	"context"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// CreateSnapshot returns when the copy is whole. Whoever freezes a guest for it keeps it frozen until then.
func (d *driver) CreateSnapshot(ctx context.Context, request *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	release, err := d.busy.take(request.Name)
	if err != nil {
		return nil, err
	}
	defer release()
	there, err := d.snapshots.get(request.Name)
	if err != nil {
		return nil, err
	}
	if there != nil {
		if there.Source != request.SourceVolumeId {
			return nil, status.Errorf(codes.AlreadyExists, "snapshot %s exists and is one of %s", there.ID, there.Source)
		}
		return &csi.CreateSnapshotResponse{Snapshot: snapshotOf(there)}, nil
	}
	source, err := d.volumes.need(request.SourceVolumeId)
	if err != nil {
		return nil, err
	}
	made := record{ID: request.Name, Bytes: source.Bytes, Block: source.Block, Source: source.ID, Created: time.Now().UTC()}
	if err := d.devices.sync(source.ID); err != nil {
		return nil, err
	}
	err = d.snapshots.add(made, func(folder string) error { return copyFolder(ctx, d.volumes.data(source.ID), folder) })
	if err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: snapshotOf(&made)}, nil
}

func snapshotOf(record *record) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId:     record.ID,
		SourceVolumeId: record.Source,
		SizeBytes:      record.Bytes,
		CreationTime:   timestamppb.New(record.Created),
		ReadyToUse:     true,
	}
}

func (d *driver) DeleteSnapshot(_ context.Context, request *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	release, err := d.busy.take(request.SnapshotId)
	if err != nil {
		return nil, err
	}
	defer release()
	if _, err := d.snapshots.get(request.SnapshotId); err != nil {
		return &csi.DeleteSnapshotResponse{}, nil
	}
	return &csi.DeleteSnapshotResponse{}, d.snapshots.remove(request.SnapshotId)
}

// ListSnapshots is how external-snapshotter asks whether a snapshot that somebody else names is there. All go onto one page.
func (d *driver) ListSnapshots(_ context.Context, request *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	answer := &csi.ListSnapshotsResponse{}
	all, err := d.snapshots.all()
	if err != nil {
		return nil, err
	}
	for _, each := range all {
		meant := request.SnapshotId == "" || request.SnapshotId == each.ID
		if meant && (request.SourceVolumeId == "" || request.SourceVolumeId == each.Source) {
			answer.Entries = append(answer.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: snapshotOf(each)})
		}
	}
	return answer, nil
}
