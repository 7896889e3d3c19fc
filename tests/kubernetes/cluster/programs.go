package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The image of the process that holds a pod's namespaces: made here, since no registry of images is asked for anything.
const pauseImage = "localhost/etabli-test/pause:1"

// The control plane, with what it reads from files.
func (p plan) controlPrograms(a *authority) ([]program, error) {
	etcd := "http://127.0.0.1:2379"
	return []program{
		{[]string{
			"etcd", "--data-dir", filepath.Join(p.dir(control), "etcd"), "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
			"--listen-peer-urls", "http://127.0.0.1:2380", "--log-level", "warn",
			// What it holds may be lost with the machine.
			"--unsafe-no-fsync",
		}},
		{[]string{
			"kube-apiserver", "--etcd-servers=" + etcd, "--bind-address=0.0.0.0", "--secure-port=6443", "--advertise-address=" + p.controlAddress(),
			"--client-ca-file=" + a.path("ca.crt"), "--tls-cert-file=" + a.path("kube-apiserver.crt"), "--tls-private-key-file=" + a.path("kube-apiserver.key"),
			"--service-account-key-file=" + a.path("service-accounts.pub"), "--service-account-signing-key-file=" + a.path("service-accounts.key"),
			"--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=" + p.services(),
			"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
			"--kubelet-certificate-authority=" + a.path("ca.crt"), "--kubelet-client-certificate=" + a.path("apiserver-to-kubelet.crt"),
			"--kubelet-client-key=" + a.path("apiserver-to-kubelet.key"), "--kubelet-preferred-address-types=InternalIP",
		}},
		{[]string{
			"kube-controller-manager", "--kubeconfig=" + a.path("kube-controller-manager.kubeconfig"), "--leader-elect=false",
			"--use-service-account-credentials=true", "--service-account-private-key-file=" + a.path("service-accounts.key"), "--root-ca-file=" + a.path("ca.crt"),
			"--cluster-signing-cert-file=" + a.path("ca.crt"), "--cluster-signing-key-file=" + a.path("ca.key"), "--bind-address=127.0.0.1",
		}},
		{[]string{
			"kube-scheduler", "--kubeconfig=" + a.path("kube-scheduler.kubeconfig"), "--leader-elect=false", "--bind-address=127.0.0.1",
		}},
	}, nil
}

// A node, with what it reads from files.
func (p plan) nodePrograms(a *authority, n int) ([]program, error) {
	name := p.node(n)
	in := func(file string) string { return filepath.Join(p.dir(name), file) }
	files := map[string]any{
		"kubelet.json": map[string]any{
			"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
			"address": p.nodeAddress(n), "healthzBindAddress": "127.0.0.1",
			"authentication": map[string]any{
				"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": true}, "x509": map[string]any{"clientCAFile": a.path("ca.crt")},
			},
			"authorization": map[string]any{"mode": "Webhook"},
			"tlsCertFile":   a.path(name + "-server.crt"), "tlsPrivateKeyFile": a.path(name + "-server.key"),
			"containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
			"cgroupDriver":             "cgroupfs",
			// Machines with control groups of version 1 are still about: this one may be one.
			"failCgroupV1":   false,
			"failSwapOn":     false,
			"seccompDefault": true,
			// What a process without CAP_SYS_RESOURCE may set.
			"oomScoreAdj": 0, "maxOpenFiles": 20000,
			// The disk is the machine's, and fuller than a node's own would be.
			"evictionHard":                map[string]any{"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%", "nodefs.inodesFree": "1%", "imagefs.inodesFree": "1%"},
			"imageGCHighThresholdPercent": 100,
			"maxPods":                     200,
			// A program that runs out of memory goes alone, and its pod stays.
			"singleProcessOOMKill": true,
			"resolvConf":           in("resolv.conf"),
			"logging":              map[string]any{"verbosity": 2},
		},
		"kube-proxy.json": map[string]any{
			"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
			"clientConnection": map[string]any{"kubeconfig": a.path("kube-proxy.kubeconfig")},
			"hostnameOverride": name, "mode": "iptables", "clusterCIDR": p.pods(), "healthzBindAddress": "127.0.0.1:10256", "metricsBindAddress": "127.0.0.1:10249",
			// Not a network namespace's to set.
			"conntrack":   map[string]any{"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
			"oomScoreAdj": 0,
		},
		// Pods of a node on one bridge, reached by the node's address; containerd fills in the range of the node.
		"cni/10-bridge.conflist": map[string]any{
			"cniVersion": "1.0.0", "name": "pods",
			"plugins": []any{
				map[string]any{
					"type": "bridge", "bridge": "pods", "isGateway": true, "hairpinMode": true, "ipMasq": false,
					"ipam": map[string]any{
						"type": "host-local", "dataDir": "/run/cni-addresses",
						"ranges": []any{[]any{map[string]any{"subnet": p.podsOf(n)}}}, "routes": []any{map[string]any{"dst": "0.0.0.0/0"}},
					},
				},
				map[string]any{"type": "portmap", "capabilities": map[string]any{"portMappings": true}},
			},
		},
	}
	if err := os.MkdirAll(in("cni"), 0o755); err != nil {
		return nil, err
	}
	for file, content := range files {
		text, err := json.MarshalIndent(content, "", "\t")
		if err == nil {
			err = os.WriteFile(in(file), text, 0o600)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(in("resolv.conf"), nil, 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(in("containerd.toml"), []byte(p.containerdConfiguration(in("cni"))), 0o600); err != nil {
		return nil, err
	}
	return []program{
		{[]string{"containerd", "--config", in("containerd.toml")}},
		{[]string{"kubelet", "--config=" + in("kubelet.json"), "--kubeconfig=" + a.path(name+".kubeconfig"), "--hostname-override=" + name, "--node-ip=" + p.nodeAddress(n)}},
		{[]string{"kube-proxy", "--config=" + in("kube-proxy.json")}},
		{[]string{"network-policies", "--kubeconfig=" + p.kubeconfig(), "--node=" + name, "--services=" + p.services()}},
	}, nil
}

func (p plan) containerdConfiguration(cni string) string {
	return fmt.Sprintf(`version = 3
root = '/var/lib/containerd'
state = '/run/containerd'
disabled_plugins = ['io.containerd.nri.v1.nri', 'io.containerd.tracing.processor.v1.otlp', 'io.containerd.internal.v1.tracing']

[grpc]
address = '/run/containerd/containerd.sock'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '%s'

[plugins.'io.containerd.cri.v1.runtime']
# A process without CAP_SYS_RESOURCE cannot make another one safer from the kernel than itself.
restrict_oom_score_adj = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['%s']
conf_dir = '%s'
use_internal_loopback = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = '%s/runc'
`, pauseImage, p.Bin, cni, p.Bin)
}
