package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A mounted hierarchy of control groups.
type hierarchy struct {
	Path    string // where it is mounted
	Version int
	Options string // what mounts it: the controllers of version 1
}

// Those mounted below /sys/fs/cgroup. Version 1 with an empty version 2 beside it is as good as version 2 alone.
func hierarchies() ([]hierarchy, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found []hierarchy
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		// 36 35 98:0 /root /mount/point options … - type source superoptions
		before, after, _ := strings.Cut(lines.Text(), " - ")
		place, kind := strings.Fields(before), strings.Fields(after)
		if len(place) < 5 || len(kind) < 3 || !strings.HasPrefix(place[4], "/sys/fs/cgroup") {
			continue
		}
		switch kind[0] {
		case "cgroup2":
			found = append(found, hierarchy{Path: place[4], Version: 2})
		case "cgroup":
			var options []string
			for _, option := range strings.Split(kind[2], ",") {
				if option != "rw" && option != "ro" && !strings.HasPrefix(option, "release_agent") {
					options = append(options, option)
				}
			}
			found = append(found, hierarchy{Path: place[4], Version: 1, Options: strings.Join(options, ",")})
		}
	}
	return found, lines.Err()
}

// Makes group GROUP/MACHINE everywhere and moves a process into it.
func (p plan) moveIntoGroup(machine string, pid int) error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	for _, h := range all {
		for _, dir := range []string{filepath.Join(h.Path, p.group()), filepath.Join(h.Path, p.group(), machine)} {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			// A group of cpuset takes no process before it has processors and memory of its parent.
			for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
				if h.Version == 1 && strings.Contains(h.Options, "cpuset") {
					inherited, err := os.ReadFile(filepath.Join(filepath.Dir(dir), name))
					if err == nil {
						err = os.WriteFile(filepath.Join(dir, name), inherited, 0o644)
					}
					if err != nil {
						return err
					}
				}
			}
		}
		if len(all) == 1 && h.Version == 2 {
			for _, dir := range []string{h.Path, filepath.Join(h.Path, p.group())} {
				if err := handOn(dir); err != nil {
					return err
				}
			}
		}
		if err := os.WriteFile(filepath.Join(h.Path, p.group(), machine, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Inside the machine, whose view begins at its own group: mounts all hierarchies anew.
func mountGroups(all []hierarchy) error {
	if len(all) == 1 && all[0].Version == 2 {
		if err := syscall.Mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, ""); err != nil {
			return fmt.Errorf("cgroup2: %w", err)
		}
		return delegate("/sys/fs/cgroup")
	}
	if err := syscall.Mount("tmpfs", "/sys/fs/cgroup", "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	for _, h := range all {
		dir := filepath.Join("/sys/fs/cgroup", filepath.Base(h.Path))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		kind := map[int]string{1: "cgroup", 2: "cgroup2"}[h.Version]
		if err := syscall.Mount(kind, dir, kind, 0, h.Options); err != nil {
			return fmt.Errorf("%s %s: %w", kind, h.Options, err)
		}
	}
	return nil
}

// Of version 2, a group with processes hands no controller on: those of the machine go one level down.
func delegate(dir string) error {
	own := filepath.Join(dir, "machine")
	if err := os.MkdirAll(own, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(own, "cgroup.procs"), []byte("0"), 0o644); err != nil {
		return err
	}
	return handOn(dir)
}

func handOn(dir string) error {
	controllers, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil {
		return err
	}
	for _, controller := range strings.Fields(string(controllers)) {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+"+controller), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Ends whatever is in the cluster's groups, and removes them. Nothing there: nothing to do.
func (p plan) sweepGroups() error {
	all, err := hierarchies()
	if err != nil {
		return err
	}
	var last error
	for _, h := range all {
		top := filepath.Join(h.Path, p.group())
		// The kernel ends processes in its own time; a group goes when the last one has.
		for range 200 {
			if last = removeGroup(top); last == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if last != nil {
			return last
		}
	}
	return nil
}

// Groups of clusters in other folders, killed and never started again: those without a process. Not those that may be being made.
func removeEmptyGroups() {
	all, _ := hierarchies()
	for _, h := range all {
		groups, _ := filepath.Glob(filepath.Join(h.Path, groupPrefix+"*"))
		for _, group := range groups {
			if status, err := os.Stat(group); err != nil || time.Since(status.ModTime()) < time.Minute {
				continue
			}
			// The deepest first; the kernel refuses those in use.
			var dirs []string
			_ = filepath.WalkDir(group, func(path string, entry os.DirEntry, err error) error {
				if err == nil && entry.IsDir() {
					dirs = append(dirs, path)
				}
				return nil
			})
			for i := len(dirs) - 1; i >= 0; i-- {
				_ = syscall.Rmdir(dirs[i])
			}
		}
	}
}

func removeGroup(dir string) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeGroup(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	processes, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	for _, word := range strings.Fields(string(processes)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if err := syscall.Rmdir(dir); err != nil && err != syscall.ENOENT {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}
