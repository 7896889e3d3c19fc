/** What a learner's page is told of their cluster in the course of a lesson, as far as something is amiss with it. */
import { type ClusterView, clusterViewSchema } from '../../../../src/shared/protocol/cluster-view.ts';

/** Of one learner; each thing counts once, however often it was told. */
export interface ClusterSeen {
	/** Programs that ended, or were suspended: "slurmctld", "slurmd of c1". */
	ended: string[];
	/** Nodes that Slurm held for lost: "c1 down", "c2 idle*". */
	lost: string[];
	/** slurmctld ran and gave no answer. */
	silent: boolean;
}

/**
 * Down, or (with the star) without an answer to slurmctld. Drained nodes are lessons, and have the star again when they are given back (state=resume),
 * until they have been asked (Slurm 24.11: up to 2 s), with the reason why they were drained; nodes of a cluster that has just been started are not
 * known yet.
 */
const isLost = ({ state, reason }: ClusterView['nodes'][number]) =>
	state.startsWith('down') || (state.includes('*') && !state.startsWith('unknown') && ['', notResponding].includes(reason));

/** Slurm's own words, where it has none from a person. */
const notResponding = 'Not responding';

export class ClusterWatcher {
	seen: ClusterSeen | undefined;

	/** @param message state of the message `cluster`: no cluster, and what makes no sense, is nothing seen */
	told(message: unknown): void {
		const view = clusterViewSchema.safeParse(message).data;
		if (!view) return;
		this.seen ??= { ended: [], lost: [], silent: false };
		this.seen.silent ||= view.controller === 'silent';
		for (const name of endedIn(view)) add(this.seen.ended, name);
		for (const node of view.nodes) if (isLost(node)) add(this.seen.lost, `${node.name} ${node.state}`);
	}
}

function endedIn({ controller, nodes }: ClusterView): string[] {
	const daemons = nodes.filter(({ daemon }) => daemon !== 'runs').map(({ name }) => `slurmd of ${name}`);
	return controller === 'ended' || controller === 'stopped' ? ['slurmctld', ...daemons] : daemons;
}

function add(list: string[], one: string): void {
	if (!list.includes(one)) list.push(one);
}
