/** What happens to labs: those who tell pages, write it down or count it subscribe to LabService. */
import type { ClusterView } from '../../src/shared/protocol/cluster-view.ts';
import type { NoticeCode } from '../../src/shared/protocol/notices.ts';
import type { RefusalCode } from '../../src/shared/protocol/refusals.ts';
import type { Lab } from './lab.ts';

/** Why a learner's sandbox is gone. */
export type EndCause = 'asked' | 'afresh' | 'idle' | 'lifetime' | 'lost';

export interface StuckSandbox {
	name: string;
	/** Name of its learner; undefined: it was of the pool. */
	learner: string | undefined;
	/** Slug. */
	course: string;
}

export interface LabEvents {
	/** `report` gives something else than before. */
	changed(lab: Lab): void;
	/** The sandbox has run into a limit, or something else that its learner should know. */
	notice(lab: Lab, code: NoticeCode, values: Record<string, string>): void;
	/** What a notice of that code told is over. */
	eased(lab: Lab, code: NoticeCode): void;
	/** The learner has the sandbox that they had asked for, after so many ms; `pool`: it was ready ahead. */
	given(lab: Lab, how: { pool: boolean; ms: number }): void;
	/** One of their terminals has shown its first output, so many ms after they had asked for the sandbox. */
	prompted(lab: Lab, how: { pool: boolean; ms: number }): void;
	/** Their sandbox is gone. */
	ended(lab: Lab, cause: EndCause): void;
	/** The engine does not answer any more, or answers again. */
	engine(answers: boolean): void;
	/** A sandbox cannot be ended, or is gone at last. It is tried again until then, and keeps its place; its learner is free of it. */
	stuck(sandbox: StuckSandbox, gone: boolean): void;
	/** Work that nobody waits for has failed; the log has the rest. */
	fault(): void;
	/** They do not want it any more. */
	calledOff(lab: Lab): void;
	/** What the learner had asked for was not possible. */
	failed(lab: Lab, code: RefusalCode): void;
	/** A command in one of the lesson's terminals ended and has been recorded; it ran for so many ms, 0 when that is not known. */
	commandEnded(lab: Lab, lesson: string, ms: number): void;
	/** A job of the learner's cluster has ended, which may be this lesson's. */
	jobEnded(lab: Lab, lesson: string): void;
	/** The learner's cluster stands otherwise than before; told while a page of theirs is open. */
	clusterSeen(lab: Lab, view: ClusterView): void;
}
