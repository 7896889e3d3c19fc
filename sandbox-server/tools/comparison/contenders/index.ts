/** All that can be compared, the reference first. */
import type { Contender, Unreached } from '../contender.ts';
import { apptainer, apptainerContained } from './apptainer.ts';
import { bubblewrap } from './bubblewrap.ts';
import { containerd } from './containerd.ts';
import { docker } from './docker.ts';
import { etabli } from './etabli.ts';
import { lxc } from './lxc.ts';
import { crun, runc, runsc, youki } from './oci-runtime.ts';
import { podman } from './podman.ts';
import { unshare } from './unshare.ts';

export const contenders: readonly Contender[] = [
	unshare,
	docker,
	podman,
	containerd,
	runc,
	crun,
	youki,
	runsc,
	etabli,
	apptainer,
	apptainerContained,
	bubblewrap,
	lxc,
];

/** Asked for by the field too. */
export const unreached: readonly Unreached[] = [
	{ id: 'cri-o', name: 'CRI-O', packages: '–', why: 'onlyKubernetes' },
	{ id: 'kata', name: 'Kata Containers', packages: '–', why: 'virtualMachines' },
	{ id: 'firecracker', name: 'Firecracker', packages: '–', why: 'virtualMachines' },
	{ id: 'lxd', name: 'LXD / Incus', packages: 'lxd', why: 'wantsSetUp' },
];
