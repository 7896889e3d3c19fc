package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// Netlink inside a machine's network, from outside.
func inside(pid int) (*netlink.Handle, error) {
	space, err := netns.GetFromPid(pid)
	if err != nil {
		return nil, err
	}
	defer space.Close()
	return netlink.NewHandleAt(space)
}

// A bridge in the control machine, and a cable from the caller to it. The cable's end on the caller's side goes with the machine.
func (p plan) plugControl(pid int) error {
	there, err := inside(pid)
	if err != nil {
		return err
	}
	defer there.Close()
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "machines"}}
	if err := there.LinkAdd(bridge); err != nil {
		return fmt.Errorf("bridge: %w", err)
	}
	if err := addressed(there, "lo", ""); err != nil {
		return err
	}
	if err := addressed(there, "machines", p.controlAddress()+"/24"); err != nil {
		return err
	}
	name := p.interfaceOfCaller()
	here, err := netlink.NewHandle()
	if err != nil {
		return err
	}
	defer here.Close()
	err = cable(here, name, "caller", pid)
	if errors.Is(err, os.ErrExist) && removeStale(here, name) {
		err = cable(here, name, "caller", pid)
	}
	if err != nil {
		return fmt.Errorf("%s: %w (does another cluster run with --net %s?)", name, err, p.Net)
	}
	link, err := here.LinkByName(name)
	if err != nil {
		return err
	}
	// By it another cluster sees whose the interface is.
	if err := here.LinkSetAlias(link, p.Data); err != nil {
		return err
	}
	if err := plugged(there, "caller"); err != nil {
		return err
	}
	if err := addressed(here, name, p.callerAddress()+"/24"); err != nil {
		return err
	}
	// So that a server outside reaches pods as one inside does.
	return route(here, name, p.pods(), p.controlAddress())
}

// Removes the interface of a cluster that was killed: connections that nobody ends hold its network for minutes.
func removeStale(here *netlink.Handle, name string) bool {
	link, err := here.LinkByName(name)
	if err != nil || link.Attrs().Alias == "" {
		return false
	}
	owner := plan{Data: link.Attrs().Alias}
	if _, err := os.Stat(owner.Data); err == nil {
		lock, err := owner.lock()
		if err != nil {
			return false
		}
		lock.Close()
	}
	return here.LinkDel(link) == nil
}

// Takes the caller's end of the cable away.
func (p plan) unplugCaller() error {
	link, err := netlink.LinkByName(p.interfaceOfCaller())
	if err != nil || link.Attrs().Alias != p.Data {
		return nil
	}
	return netlink.LinkDel(link)
}

func (p plan) plugNode(n, pid, controlPid int) error {
	bridged, err := inside(controlPid)
	if err != nil {
		return err
	}
	defer bridged.Close()
	there, err := inside(pid)
	if err != nil {
		return err
	}
	defer there.Close()
	port := p.node(n)
	if err := cable(there, "eth0", port, controlPid); err != nil {
		return err
	}
	if err := plugged(bridged, port); err != nil {
		return err
	}
	if err := addressed(there, "lo", ""); err != nil {
		return err
	}
	if err := addressed(there, "eth0", p.nodeAddress(n)+"/24"); err != nil {
		return err
	}
	if err := route(there, "eth0", "", p.controlAddress()); err != nil {
		return err
	}
	// To pods of other nodes, by the control machine.
	if err := route(bridged, "machines", p.podsOf(n), p.nodeAddress(n)); err != nil {
		return err
	}
	return nil
}

// A pair of interfaces: one where the handle is, one in the network of a process.
func cable(h *netlink.Handle, name, peer string, peerPid int) error {
	attributes := netlink.NewLinkAttrs()
	attributes.Name = name
	return h.LinkAdd(&netlink.Veth{LinkAttrs: attributes, PeerName: peer, PeerNamespace: netlink.NsPid(peerPid)})
}

func plugged(h *netlink.Handle, name string) error {
	bridge, err := h.LinkByName("machines")
	if err != nil {
		return err
	}
	port, err := h.LinkByName(name)
	if err != nil {
		return err
	}
	if err := h.LinkSetMaster(port, bridge); err != nil {
		return err
	}
	return h.LinkSetUp(port)
}

func addressed(h *netlink.Handle, name, address string) error {
	link, err := h.LinkByName(name)
	if err != nil {
		return err
	}
	if address != "" {
		parsed, err := netlink.ParseAddr(address)
		if err != nil {
			return err
		}
		if err := h.AddrReplace(link, parsed); err != nil {
			return err
		}
	}
	return h.LinkSetUp(link)
}

// An empty destination: whatever has no other route.
func route(h *netlink.Handle, name, to, by string) error {
	link, err := h.LinkByName(name)
	if err != nil {
		return err
	}
	r := &netlink.Route{LinkIndex: link.Attrs().Index, Gw: net.ParseIP(by)}
	if to != "" {
		if _, r.Dst, err = net.ParseCIDR(to); err != nil {
			return err
		}
	}
	return h.RouteReplace(r)
}

// A machine's number among the caller's processes.
func (p plan) pidOf(machine string) (int, error) {
	text, err := os.ReadFile(filepath.Join(p.dir(machine), "pid"))
	if err != nil {
		return 0, fmt.Errorf("%s does not run: %w", machine, err)
	}
	return strconv.Atoi(string(text))
}
