package main

import (
	"context"
	"log"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// driver is all three services of CSI in one: identity.go, volumes.go with snapshots.go, and node.go.
type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer

	name, node string
	volumes    shelf
	snapshots  shelf
	devices    *devices
	busy       busy
}

func newDriver(name, node string, volumes, snapshots shelf) *driver {
	return &driver{name: name, node: node, volumes: volumes, snapshots: snapshots, devices: newDevices(), busy: busy{ids: map[string]bool{}}}
}

// busy keeps two calls about one thing apart: the caller of the second is told to come again, as CSI has it.
type busy struct {
	mutex sync.Mutex
	ids   map[string]bool
}

func (b *busy) take(id string) (release func(), err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.ids[id] {
		return nil, status.Errorf(codes.Aborted, "another call about %s is under way", id)
	}
	b.ids[id] = true
	return func() {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		delete(b.ids, id)
	}, nil
}

func logFailures(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	answer, err := handle(ctx, request)
	if err != nil {
		log.Printf("%s: %v", info.FullMethod, err)
	}
	return answer, err
}
