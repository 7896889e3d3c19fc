/** Every lab that there is something to say of, what happens to them, and who is told. Nothing is decided here. */
import type { Course } from '../../src/shared/course/course.ts';
import type { Text } from '../../src/shared/language.ts';
import { Refusal, type RefusalCode } from '../../src/shared/protocol/refusals.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import { nameOf, type Owned, type ReasonRow } from '../store/store.ts';
import type { LabEvents } from './events.ts';
import { labId } from './lab.ts';
import { LabRecord } from './lab-record.ts';
import { isAtRest, isPresent } from './lab-state.ts';
import type { Living } from './provisioner.ts';
import { reasons } from './reasons.ts';

/** Labs that say nothing any more are forgotten after so long, ms. */
export const labMs = 24 * 3600_000;

export class LabBook {
	readonly #deps: Pick<SandboxDeps, 'courses' | 'store' | 'clock' | 'log'>;
	readonly #labs = new Map<string, LabRecord>();
	readonly #listeners = new Set<Partial<LabEvents>>();

	constructor(deps: SandboxDeps) {
		this.#deps = deps;
	}

	/** With what there is to be said of the sandbox before, which another server may have put away. @throws Refusal not-found */
	of(whose: Owned): LabRecord {
		const id = labId(whose);
		const known = this.#labs.get(id);
		if (known) return known;
		const { store, clock, log } = this.#deps;
		const mistake = (change: string) => log.error({ learner: whose.owner.name, change }, 'a lab cannot go from one state to the other');
		const lab = new LabRecord({ owner: whose.owner, course: this.course(whose.course.slug) }, clock.now(), mistake);
		this.#labs.set(id, lab);
		const why = store.reason(lab.key);
		if (!why || why.at < clock.now() - labMs) return lab;
		lab.reason = why.text;
		if (why.lost) lab.go('lost');
		return lab;
	}

	/** The lab that has this sandbox at this moment. */
	having(sandbox: Sandbox): LabRecord | undefined {
		const { learner: owner, course } = sandbox;
		const lab = owner && this.#labs.get(labId({ owner, course }));
		return lab?.sandbox === sandbox ? lab : undefined;
	}

	/** The lab that the sandbox is for, also while it is still being furnished. */
	meantBy({ learner: owner, course }: Sandbox): LabRecord | undefined {
		return owner && this.of({ owner, course });
	}

	get all(): LabRecord[] {
		return [...this.#labs.values()];
	}

	find(id: string): LabRecord | undefined {
		return this.#labs.get(id);
	}

	/** @throws Refusal not-found */
	course(slug: string): Course {
		const course = this.#deps.courses.find((one) => one.slug === slug);
		if (!course) throw new Refusal('not-found', `course ${slug}`);
		return course;
	}

	/** Sandboxes, present or to come, by where their learners come from. */
	held(): Map<string, number> {
		const held = new Map<string, number>();
		for (const { state, from } of this.#labs.values()) if (isPresent(state)) held.set(from, (held.get(from) ?? 0) + 1);
		return held;
	}

	/** Nobody has looked for a long time, and there is nothing to lose. */
	forgetOld(): void {
		const before = this.#deps.clock.now() - labMs;
		for (const [id, lab] of this.#labs)
			if (isAtRest(lab.state) && !lab.operations.busy && lab.pages === 0 && lab.seen < before) this.#labs.delete(id);
	}

	/** Its learner is known no more. */
	forget(learner: string): void {
		for (const [id, { owner }] of this.#labs) if (owner.id === learner) this.#labs.delete(id);
	}

	// — What happens to a lab ————————————————————————————————————————————————————————————

	/** It has its sandbox. */
	settle(lab: LabRecord, { sandbox, row }: Living): void {
		if (lab.asked !== undefined) {
			const how = { pool: row.created < lab.asked, ms: this.#deps.clock.now() - lab.asked };
			lab.promised = { asked: lab.asked, pool: how.pool };
			lab.asked = undefined;
			this.emit('given', lab, how);
		}
		lab.go('live');
		lab.attach(sandbox);
		if (lab.reason) this.#noteReason(lab, undefined);
		lab.reason = undefined;
		sandbox.look(lab.pages > 0);
		this.changed(lab);
	}

	/** It has no sandbox any more, and asks for none. @param why for the next page */
	vacate(lab: LabRecord, state: 'none' | 'lost', why?: Text): void {
		lab.go(state);
		lab.detach();
		lab.asked = undefined;
		lab.reason = why;
		if (why) this.#noteReason(lab, { lost: state === 'lost', text: why, at: this.#deps.clock.now() });
		this.changed(lab);
	}

	/** What it had asked for could not be had. */
	failed(lab: LabRecord, error: unknown): void {
		const code: RefusalCode = isDiskFull(error) ? 'server-full' : 'start-failed';
		this.vacate(lab, 'none', reasons.failed(code));
		this.emit('failed', lab, code);
	}

	/** What it had asked for is not wanted any more. */
	calledOff(lab: LabRecord, why?: Text): void {
		this.vacate(lab, 'none', why);
		this.emit('calledOff', lab);
	}

	/** For after a restart of the server; while nothing can be stored it is only told. */
	#noteReason({ owner, course, key }: LabRecord, reason: ReasonRow | undefined): void {
		try {
			this.#deps.store.putReason(key, reason);
		} catch (error) {
			this.#deps.log.warn({ ...nameOf({ owner, course }), err: error }, 'why a sandbox went could not be noted');
		}
	}

	// — Who is told ——————————————————————————————————————————————————————————————————————

	subscribe(listener: Partial<LabEvents>): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** A listener that fails keeps nobody else from being told, and stops nothing that is under way. */
	emit<Name extends keyof LabEvents>(name: Name, ...values: Parameters<LabEvents[Name]>): void {
		for (const listener of [...this.#listeners]) {
			const call = listener[name] as ((...all: Parameters<LabEvents[Name]>) => void) | undefined;
			try {
				call?.apply(listener, values);
			} catch (error) {
				this.#deps.log.error({ event: name, err: error }, 'somebody who was told of a lab failed');
			}
		}
	}

	/** What it reports is something else than before. */
	changed(lab: LabRecord): void {
		this.emit('changed', lab);
	}

	/** Nobody is told any more. */
	close(): void {
		this.#listeners.clear();
	}
}
