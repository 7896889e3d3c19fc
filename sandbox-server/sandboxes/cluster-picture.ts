/** What `/opt/etabli/cluster watch` says (guest/cluster-view), as a view for the page. Nothing of it is trusted: a learner can write all of it. */
import { type ClusterView, clusterViewSchema, mostEnded, mostJobs } from '../../src/shared/protocol/cluster-view.ts';
import { visibleLine } from '../../src/shared/visible.ts';

/** Bytes of a picture; one that is longer is none. */
const mostBytes = 16 * 1024;

/** A text of a learner's, on one line and short. */
function told(text: string, most: number): string {
	const line = visibleLine(text.trim());
	return line.length <= most ? line : `${[...line.slice(0, most - 1)].join('').replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** What comes in pieces, as the pictures in it. A piece that fits nothing is left out; a picture that is too long is, too. */
export class Pictures {
	readonly #decoder = new TextDecoder();
	#rest = '';

	/** @returns the newest picture that is complete now; of those before it nothing is worth reading. Undefined: none is, or it makes no sense */
	take(bytes: Uint8Array): ClusterView | undefined {
		this.#rest += this.#decoder.decode(bytes, { stream: true });
		// Not by the flag m, for which a line ends at other signs, too.
		const pictures = this.#rest.split(/(?<![^\n])\.\n/);
		this.#rest = pictures.pop() ?? '';
		if (this.#rest.length > mostBytes) this.#rest = '';
		const newest = pictures.at(-1);
		return newest === undefined || newest.length > mostBytes ? undefined : readPicture(newest);
	}
}

/** @returns undefined where it does not say how slurmctld stands */
export function readPicture(picture: string): ClusterView | undefined {
	const view: Omit<ClusterView, 'controller' | 'settings'> & Record<string, unknown> = {
		words: '',
		nodes: [],
		jobs: [],
		queue: { all: 0, running: 0, waiting: 0 },
		ended: [],
	};
	const nodes = new Map<string, ClusterView['nodes'][number]>();
	const nodeOf = (name: string) => {
		const node = nodes.get(name) ?? { name, daemon: 'ended', state: '', reason: '' };
		nodes.set(name, node);
		return node;
	};
	for (const line of picture.split('\n')) {
		const [, word, rest = ''] = /^([a-z]+) (.*)$/s.exec(line) ?? [];
		const values = rest.split('|');
		const [first = '', second = '', third = '', fourth = ''] = values;
		if (word === 'controller') Object.assign(view, { controller: first, settings: second, words: told(values.slice(2).join('|'), 200) });
		else if (word === 'daemon') nodeOf(first).daemon = second as 'runs';
		else if (word === 'node') {
			const reason = values.slice(2).join('|').trim();
			Object.assign(nodeOf(first), { state: second, reason: reason === 'none' ? '' : told(reason, 80) });
		} else if (word === 'queue') view.queue = { all: Number(first), running: Number(second), waiting: Number(third) };
		else if (word === 'job') keep(view.jobs, mostJobs, jobOf(first, second, third, fourth, told(values.slice(4).join('|'), 40)));
		else if (word === 'end') keep(view.ended, mostEnded, endedOf(rest));
	}
	view.nodes = [...nodes.values()].filter((node) => nodeShape.safeParse(node).success);
	// The record has the newest at its end.
	view.ended.reverse();
	return clusterViewSchema.safeParse(view).data;
}

/** One line that is nonsense, as a name with a line end makes it, is no reason to show nothing. */
function keep<T>(list: T[], most: number, one: T | undefined): void {
	if (one && list.length < most) list.push(one);
}

const nodeShape = clusterViewSchema.shape.nodes.element;
const jobShape = clusterViewSchema.shape.jobs.element;
function jobOf(id: string, state: string, nodes: string, reason: string, name: string): ClusterView['jobs'][number] | undefined {
	const isNone = ['None', '(null)'].includes(reason);
	return jobShape.safeParse({ id, name, state, nodes, reason: isNone ? '' : reason.slice(0, 80) }).data;
}

/** Of a line of jobcomp/filetxt, characters that are read: the learner can make it long, and reading takes the square of it. */
const mostRead = 400;

/** A line of jobcomp/filetxt. */
function endedOf(whole: string): ClusterView['ended'][number] | undefined {
	const line = whole.slice(0, mostRead);
	const [, id, name = '', state] = /^JobId=(\d+) .*? Name=(.*?) JobState=([A-Z_]+) /.exec(line) ?? [];
	const [, array] = / ArrayJobId=(\d+) /.exec(line) ?? [];
	const [, task] = / ArrayTaskId=(\d+) /.exec(line) ?? [];
	const shown = array !== undefined && task !== undefined ? `${array}_${task}` : id;
	return clusterViewSchema.shape.ended.element.safeParse({ id: shown, name: told(name, 40), state }).data;
}
