package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Loads archives of images, as docker save writes them, into the nodes of a cluster that runs.
func loadImages(args []string) error {
	only := ""
	p, archives, err := planOf("images", args, func(flags *flag.FlagSet) { flags.StringVar(&only, "node", "", "one node instead of all") })
	if err != nil {
		return err
	}
	sockets, err := filepath.Glob(p.file("node-*/run/containerd/containerd.sock"))
	if err != nil {
		return err
	}
	found := false
	for _, socket := range sockets {
		if only != "" && socket != filepath.Join(p.dir(only), "run/containerd/containerd.sock") {
			continue
		}
		found = true
		for _, archive := range archives {
			if err := importInto(socket, archive); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("no node runs in %s", p.Data)
	}
	return nil
}

func importInto(socket, archive string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(self, "ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", archive)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", archive, err, output)
	}
	return nil
}

// An archive with the image of one static program.
func writeImage(file, name, binary string) error {
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	program := filepath.Base(binary)
	layer, err := archive(map[string][]byte{program: content})
	if err != nil {
		return err
	}
	digest := sha256.Sum256(layer)
	settings, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/" + program}, "User": "65535:65535"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(digest[:])}},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{name}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}
	whole, err := archive(map[string][]byte{"manifest.json": manifest, "config.json": settings, "layer.tar": layer})
	if err != nil {
		return err
	}
	return os.WriteFile(file, whole, 0o644)
}

func archive(files map[string][]byte) ([]byte, error) {
	var buffer bytes.Buffer
	out := tar.NewWriter(&buffer)
	var all error
	for name, content := range files {
		all = errors.Join(all, out.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}))
		_, err := out.Write(content)
		all = errors.Join(all, err)
	}
	return buffer.Bytes(), errors.Join(all, out.Close())
}
