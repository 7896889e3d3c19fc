/** From a sandbox's vital signs to what its learner should be told. */
import type { NoticeCode } from '../../src/shared/protocol/notices.ts';
import type { Vitals } from '../agent/agent.ts';

export interface Notice {
	code: Extract<NoticeCode, 'memory-full' | 'processes-full' | 'disk-full'>;
	values: Record<string, string>;
}

/** The same thing is said once a minute, however often it happens. */
const quietMs = 60_000;
/** Different things that are said in the life of a sandbox: a learner who plays the agent can name mounts without end. */
const maxTopics = 16;
/** A mount counts as full below this share of its bytes or inodes. */
const fullShare = 0.01;

/** What was full counts as eased above twice that share, and processes below this share of their limit: not at every file that comes and goes. */
const easedProcesses = 0.9;

/** Compares each sign with the one before. One per sandbox. */
export class VitalsReader {
	#last: Vitals | undefined;
	readonly #said = new Map<string, number>();
	/** Troubles that the learner has been told of and that last. */
	readonly #lasting = new Set<Notice['code']>();

	/** What to tell the learner now; mostly nothing. `now` in ms. */
	read(vitals: Vitals, now: number): Notice[] {
		const last = this.#last;
		this.#last = vitals;
		// The counters before the first reading are of no learner's doing that we could speak of.
		const notices = [...troubles(last ?? vitals, vitals)];
		for (const { code } of notices) if (code !== 'memory-full') this.#lasting.add(code);
		return notices.filter(({ code, values }) => {
			const topic = `${code} ${values['path'] ?? ''}`;
			const before = this.#said.get(topic);
			if (before === undefined ? this.#said.size >= maxTopics : now - before < quietMs) return false;
			this.#said.set(topic, now);
			return true;
		});
	}

	/** Troubles that are over since the last call. Ask after `read`. */
	over(): Notice['code'][] {
		const { mounts = [], processes = 0, processLimit = 0 } = this.#last ?? {};
		const roomy = mounts.every((mount) => !isShort(mount.bytesFree / 2, mount.bytes) && !isShort(mount.inodesFree / 2, mount.inodes));
		const eased = [...this.#lasting].filter((code) => (code === 'disk-full' ? roomy : processes < processLimit * easedProcesses));
		for (const code of eased) this.#lasting.delete(code);
		return eased;
	}
}

function* troubles(before: Vitals, now: Vitals): Iterable<Notice> {
	if (now.oomKills > before.oomKills) yield { code: 'memory-full', values: {} };
	const atLimit = now.processLimit > 0 && now.processes >= now.processLimit - 1;
	if (now.processLimitHits > before.processLimitHits || atLimit) yield { code: 'processes-full', values: {} };
	for (const mount of now.mounts) {
		if (isShort(mount.bytesFree, mount.bytes) || isShort(mount.inodesFree, mount.inodes))
			yield { code: 'disk-full', values: { path: mount.path } };
	}
}

/** A total of 0 means "not known". */
function isShort(free: number, total: number): boolean {
	return total > 0 && free < total * fullShare;
}
