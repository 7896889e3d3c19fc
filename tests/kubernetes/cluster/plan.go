package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What a cluster is made of. A machine is a set of namespaces (mounts, processes, network, cgroups, host name):
// "control" has etcd and the control plane and the bridge that all are plugged into, "node-N" a kubelet, containerd and kube-proxy.
type plan struct {
	Data  string // folder of this cluster, absolute
	Bin   string // folder of this program, runc, the shim, the plugins of CNI
	Net   string // first two bytes of all addresses
	Nodes int
}

const control = "control"

func (p plan) node(n int) string { return fmt.Sprintf("node-%d", n) }

// Machine 0 is the control machine.
func (p plan) machine(n int) string {
	if n == 0 {
		return control
	}
	return p.node(n)
}

func (p plan) dir(machine string) string { return filepath.Join(p.Data, machine) }
func (p plan) file(name string) string   { return filepath.Join(p.Data, name) }
func (p plan) kubeconfig() string        { return p.file("kubeconfig") }
func (p plan) server() string            { return "https://" + p.controlAddress() + ":6443" }

// Machines: NET.0.x; services: NET.64.0/20; pods of node n: NET.(128+n).0/24. The caller has NET.0.254.
func (p plan) controlAddress() string    { return p.Net + ".0.1" }
func (p plan) callerAddress() string     { return p.Net + ".0.254" }
func (p plan) nodeAddress(n int) string  { return fmt.Sprintf("%s.0.%d", p.Net, 10+n) }
func (p plan) services() string          { return p.Net + ".64.0/20" }
func (p plan) serviceOfAPI() string      { return p.Net + ".64.1" }
func (p plan) pods() string              { return p.Net + ".128.0/17" }
func (p plan) podsOf(n int) string       { return fmt.Sprintf("%s.%d.0/24", p.Net, 128+n) }
func (p plan) interfaceOfCaller() string { return "etk" + strings.ReplaceAll(p.Net, ".", "") }

const groupPrefix = "etabli-kubernetes-"

// Name of the cluster's control groups: one cluster for a data folder.
func (p plan) group() string {
	sum := sha256.Sum256([]byte(p.Data))
	return groupPrefix + hex.EncodeToString(sum[:4])
}

func planOf(name string, args []string, more func(*flag.FlagSet)) (plan, []string, error) {
	p := plan{}
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&p.Data, "data", "", "folder of this cluster")
	flags.StringVar(&p.Net, "net", "10.189", "first two bytes of all addresses")
	flags.IntVar(&p.Nodes, "nodes", 1, "how many nodes")
	if more != nil {
		more(flags)
	}
	if err := flags.Parse(args); err != nil {
		return p, nil, err
	}
	if p.Data == "" {
		return p, nil, errors.New("--data DIR is missing")
	}
	var err error
	if p.Data, err = filepath.Abs(p.Data); err != nil {
		return p, nil, err
	}
	// A machine has its own /run and /var/lib.
	for _, hidden := range []string{"/run/", "/var/run/", "/var/lib/", "/proc/", "/sys/"} {
		if strings.HasPrefix(p.Data+"/", hidden) {
			return p, nil, fmt.Errorf("--data %s: not below %s, which the nodes have of their own", p.Data, hidden)
		}
	}
	// A socket's path has 107 bytes, and containerd's is the longest.
	if len(p.Data) > 60 {
		return p, nil, fmt.Errorf("--data %s: choose a path of 60 characters or fewer", p.Data)
	}
	self, err := os.Executable()
	if err != nil {
		return p, nil, err
	}
	p.Bin = filepath.Dir(self)
	return p, flags.Args(), nil
}
