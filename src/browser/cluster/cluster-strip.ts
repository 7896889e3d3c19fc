/** The strip of a learner's cluster under the terminals: how its nodes and its queue stand in a line, all of it when it is opened. */
import type { ClusterStrings } from '../../i18n/cluster-fr.ts';
import { fill } from '../../shared/fill.ts';
import { type ClusterView, clusterViewSchema } from '../../shared/protocol/cluster-view.ts';
import clusterStyles from '../../styles/cluster.css?inline';
import { addStyles, make } from '../dom.ts';
import { changes, jobWord, nodeSign, nodeWord, queueWords, trouble } from './cluster-words.ts';

/** Who listens is told no more often than this, ms. */
const tellMs = 4000;

interface ClusterStripParts {
	t: ClusterStrings;
	/** Tells who listens instead of looking. */
	announce(sentence: string): void;
}

export class ClusterStrip {
	readonly element: HTMLElement;
	readonly #t: ClusterStrings;
	readonly #announce: (sentence: string) => void;
	readonly #line = make('summary', { class: 'cluster-line' });
	readonly #all: HTMLElement;
	#view: ClusterView | undefined;
	/** As it was told last to who listens. */
	#told: ClusterView | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor({ t, announce }: ClusterStripParts) {
		addStyles(clusterStyles);
		this.#t = t;
		this.#announce = announce;
		// It may be longer than its place: the keyboard scrolls it.
		this.#all = make('div', { class: 'cluster-all', role: 'region', 'aria-label': t.list, tabindex: '0' });
		this.element = make('details', { class: 'cluster-strip' }, this.#line, this.#all);
	}

	/** @param state as the server tells it; what is not understood is told as that */
	take(state: unknown): void {
		const view = clusterViewSchema.safeParse(state).data;
		this.#view = view;
		if (!view) {
			this.element.dataset.trouble = '';
			this.#line.replaceChildren(...this.#head(), make('span', {}, ...commands(this.#t.unknown)));
			return this.#all.replaceChildren();
		}
		const wrong = trouble(view, this.#t);
		this.element.toggleAttribute('data-trouble', wrong !== undefined);
		this.#line.replaceChildren(...this.#head(), ...(wrong === undefined ? this.#summary(view) : [make('span', {}, ...commands(wrong))]));
		this.#all.replaceChildren(...this.#details(view, wrong));
		this.#told ??= view;
		this.#timer ??= setTimeout(() => this.#tell(), 0);
	}

	/** What has changed since it was told last, then nothing for a while. */
	#tell(): void {
		this.#timer = undefined;
		if (!this.#view || !this.#told || !this.element.isConnected) return;
		const sentences = changes(this.#told, this.#view, this.#t);
		this.#told = this.#view;
		if (sentences.length === 0) return;
		this.#announce(sentences.join(' '));
		this.#timer = setTimeout(() => this.#tell(), tellMs);
	}

	#head(): HTMLElement[] {
		return [make('span', { class: 'cluster-title' }, this.#t.title)];
	}

	/** Nodes and queue in a line. */
	#summary(view: ClusterView): HTMLElement[] {
		const nodes = view.nodes.map((node) => {
			const sign = make('span', { class: 'cluster-sign', 'aria-hidden': 'true' }, nodeSign(node));
			const label = make('span', { class: 'cluster-node' }, sign, ` ${node.name} `, nodeWord(node, this.#t));
			if (nodeSign(node) === '✕') label.dataset.out = '';
			return label;
		});
		return [make('span', { class: 'cluster-nodes' }, ...nodes), make('span', { class: 'cluster-queue' }, queueWords(view, this.#t))];
	}

	#details(view: ClusterView, wrong: string | undefined): Node[] {
		const t = this.#t;
		const nodes = view.nodes.map((node) => [node.name, stateCell(nodeWord(node, t), node.state), own(node.reason)]);
		const ofNodes = table(t.nodes, [t.node, t.state, t.note], nodes);
		if (wrong !== undefined) return [...(view.words ? [make('p', {}, make('code', {}, own(view.words)))] : []), ofNodes];
		// The line has the nodes already: the queue comes first.
		const parts: Node[] = [view.jobs.length > 0 ? this.#queue(view) : make('p', {}, t.noJobs)];
		const more = view.queue.all - view.jobs.length;
		if (view.jobs.length > 0 && more > 0) parts.push(make('p', {}, fill(t.more, { n: more })));
		if (view.ended.length > 0) {
			const ended = view.ended.map(({ id, name, state }) => [id, own(name), stateCell(jobWord(state, t), state)]);
			parts.push(table(t.ended, [t.number, t.name, t.state], ended));
		}
		return [...parts, ofNodes];
	}

	#queue({ jobs }: ClusterView): HTMLElement {
		const t = this.#t;
		const rows = jobs.map(({ id, name, state, nodes, reason }) => [
			id,
			own(name),
			stateCell(jobWord(state, t), state),
			nodes || make('code', {}, reason),
		]);
		return table(t.jobs, [t.number, t.name, t.state, t.where], rows);
	}
}

/** What a learner has written: in a direction of its own, so that it moves nothing around it. */
const own = (text: string): HTMLElement => make('bdi', {}, text);

/** In words, and as Slurm has it. */
const stateCell = (said: string, state: string): HTMLElement =>
	make('span', {}, said, ...(state && state !== said ? [' ', make('code', { lang: 'en' }, state)] : []));

/** A sentence with the commands that it names as code. */
const commands = (sentence: string): Node[] =>
	sentence
		.split(/(cluster (?:restart|restore|status)|slurm\.conf|slurmctld)/)
		.map((part, at) => (at % 2 === 1 ? make('code', { translate: 'no' }, part) : document.createTextNode(part)));

function table(caption: string, heads: string[], rows: (Node | string)[][]): HTMLElement {
	const head = make('tr', {}, ...heads.map((text) => make('th', { scope: 'col' }, text)));
	const body = rows.map(([first = '', ...rest]) =>
		make('tr', {}, make('th', { scope: 'row' }, first), ...rest.map((cell) => make('td', {}, cell))),
	);
	return make('table', {}, make('caption', {}, caption), make('thead', {}, head), make('tbody', {}, ...body));
}
