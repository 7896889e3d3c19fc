// A real Kubernetes cluster on one machine, for the tests of Établi: the components as they are, in one binary.
//
// Called by the name of a component (a symbolic link, or the first word) it is that component: etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler, kubelet, kube-proxy, network-policies, containerd, ctr, kubectl. Its own words: up, images, enter, sweep.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if name := filepath.Base(os.Args[0]); components[name] != nil {
		components[name]()
		return
	}
	if len(os.Args) > 1 {
		if component := components[os.Args[1]]; component != nil {
			os.Args = os.Args[1:]
			component()
			return
		}
		if command := commands[os.Args[1]]; command != nil {
			if err := command(os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, "cluster:", err)
				os.Exit(1)
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, usage)
	os.Exit(2)
}

const usage = `up --data DIR [--nodes N] [--net 10.189]  starts a cluster and stays; "ready" on standard output when the nodes are; ends with standard input or SIGTERM
images --data DIR FILE...                 loads archives of images (docker save) into every node
enter --data DIR MACHINE COMMAND...       runs a command inside a machine (control, node-1, ...)
sweep --data DIR                          removes what a killed cluster has left
COMPONENT ...                             is etcd, kube-apiserver, kubelet, containerd, ctr, kubectl ...`

// Not in a literal: the commands reach machine.go, which reaches this.
var commands map[string]func([]string) error

func init() {
	commands = map[string]func([]string) error{
		"up":         up,
		"images":     loadImages,
		"enter":      enter,
		"sweep":      sweepCommand,
		machineWord:  machine,
		machineWord2: machineInside,
	}
}
