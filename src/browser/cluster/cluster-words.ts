/** What is said of a learner's cluster: its states in words, its troubles in sentences, its changes for those who listen. No DOM. */
import type { ClusterStrings } from '../../i18n/cluster-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { ClusterView } from '../../shared/protocol/cluster-view.ts';

export type ClusterNode = ClusterView['nodes'][number];
type Job = Pick<ClusterView['jobs'][number], 'id' | 'name' | 'state'>;

/** Changes that are told one by one; of more, how long the queue is. */
const toldSingly = 3;

const word = (t: ClusterStrings, key: string): string | undefined => (t as Record<string, string>)[key];

/** The state of a job in a word; Slurm's own where there is none. */
export const jobWord = (state: string, t: ClusterStrings): string => word(t, `job_${state}`) ?? state;

/** A state without what Slurm adds to it: idle*, allocated+, idle~. */
export const bareState = (state: string): string => state.replace(/[^a-z_].*$/, '');

/** The state of a node in words, that of its slurmd with it where that does not run. */
export function nodeWord({ state, daemon }: ClusterNode, t: ClusterStrings): string {
	const bare = bareState(state) || 'unknown';
	const said = word(t, `node_${bare}`) ?? state;
	return daemon === 'runs' ? said : `${said}, ${daemon === 'ended' ? t.slurmdEnded : t.slurmdStopped}`;
}

/** The sign beside a node: what its shape says stands in words beside it. */
export function nodeSign({ state, daemon }: ClusterNode): string {
	if (daemon !== 'runs') return '✕';
	const bare = bareState(state);
	if (bare === 'idle') return '○';
	if (bare === 'mixed') return '◐';
	if (['allocated', 'completing'].includes(bare)) return '●';
	return bare === 'draining' || bare === 'maint' ? '◌' : '✕';
}

/** What cannot be read of it, and what to do about it; undefined: all is well. */
export function trouble({ controller, settings }: ClusterView, t: ClusterStrings): string | undefined {
	if (controller === 'runs') return undefined;
	const said = { ended: t.controllerEnded, stopped: t.controllerStopped, silent: t.controllerSilent }[controller];
	return settings === 'changed' && controller !== 'stopped' ? `${said} ${t.settingsChanged}` : said;
}

/** How long the queue is, in words. */
export function queueWords({ queue }: ClusterView, t: ClusterStrings): string {
	const other = queue.all - queue.running - queue.waiting;
	const running = queue.running + Math.max(0, other);
	const parts = [running > 0 && fill(t.running, { n: running }), queue.waiting > 0 && fill(t.waiting, { n: queue.waiting })];
	return parts.filter(Boolean).join(', ') || t.empty;
}

/** What has changed, in sentences. @param before as it was told last */
export function changes(before: ClusterView, now: ClusterView, t: ClusterStrings): string[] {
	const [was, is] = [trouble(before, t), trouble(now, t)];
	if (is !== undefined) return is === was ? [] : [is];
	const sentences = was === undefined ? [] : [t.back];
	for (const node of now.nodes) {
		const old = before.nodes.find(({ name }) => name === node.name);
		// That a node is busy is told by the job.
		if (old && standing(old) !== standing(node)) sentences.push(fill(t.nodeNow, { node: node.name, state: nodeWord(node, t) }));
	}
	const moved = movedJobs(before, now, t);
	if (moved.length <= toldSingly) return [...sentences, ...moved];
	const { running, waiting } = now.queue;
	return [...sentences, fill(t.queueNow, { running, waiting })];
}

/** Whether the node takes jobs, and if not, why. */
function standing({ state, daemon }: ClusterNode): string {
	const bare = bareState(state);
	return `${daemon} ${['idle', 'mixed', 'allocated', 'completing'].includes(bare) ? '' : bare}`;
}

function movedJobs(before: ClusterView, now: ClusterView, t: ClusterStrings): string[] {
	const tell = ({ id, name, state }: Job, nodes = '') =>
		fill(nodes ? t.jobOn : t.jobNow, { id, name: name || '–', state: jobWord(state, t), nodes });
	const moved: string[] = [];
	for (const job of now.jobs) {
		const old = before.jobs.find(({ id }) => id === job.id);
		// One that is about to end is told when it has.
		if (old?.state !== job.state && job.state !== 'COMPLETING') moved.push(tell(job, job.nodes));
	}
	const seen = new Set(now.jobs.map(({ id }) => id));
	for (const job of now.ended) if (!before.ended.some(({ id }) => id === job.id) && !seen.has(job.id)) moved.push(tell(job));
	const over = new Set([...seen, ...now.ended.map(({ id }) => id)]);
	// A list that is cut short does not tell which are gone.
	if (now.queue.all <= now.jobs.length)
		for (const job of before.jobs) if (!over.has(job.id) && !isArray(job.id)) moved.push(tell({ ...job, state: 'gone' }));
	return moved;
}

/** The waiting tasks of an array, whose number is another with each that begins. */
const isArray = (id: string): boolean => id.includes('[');
