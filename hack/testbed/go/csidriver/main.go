// Command csidriver is the storage of a test bed with a real node: a CSI driver whose volumes are folders of this machine, and whose
// snapshots are copies of them. It registers itself with kubelet.
//
// A volume holds one file, disk.img, where KubeVirt looks for a disk: as a file system the folder itself is mounted; as a block device the
// file is, by way of a loop device.
package main

import (
	"errors"
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

func main() {
	name := flag.String("name", "", "name of the driver, as StorageClasses give it")
	node := flag.String("node", "", "name of the node")
	volumes := flag.String("volumes", "", "folder of the volumes: <volume>/disk.img")
	snapshots := flag.String("snapshots", "", "folder of the snapshots: <snapshot>/disk.img")
	kubelet := flag.String("kubelet", "/var/lib/kubelet", "kubelet's folder, in which both sockets are")
	flag.Parse()

	socket := filepath.Join(*kubelet, "plugins", *name, "csi.sock")
	driver := newDriver(*name, *node, shelf{*volumes}, shelf{*snapshots})
	server := grpc.NewServer(grpc.UnaryInterceptor(logFailures))
	csi.RegisterIdentityServer(server, driver)
	csi.RegisterControllerServer(server, driver)
	csi.RegisterNodeServer(server, driver)
	listener := listen(socket)

	// kubelet calls the driver as soon as it finds the second socket, so that comes last.
	registry := grpc.NewServer()
	registration.RegisterRegistrationServer(registry, registrar{name: *name, socket: socket})
	doorbell := listen(filepath.Join(*kubelet, "plugins_registry", *name+"-reg.sock"))
	go func() { log.Fatal(registry.Serve(doorbell)) }()
	log.Fatal(server.Serve(listener))
}

// listen takes the place of a driver that was killed.
func listen(socket string) net.Listener {
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		log.Fatal(err)
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}
