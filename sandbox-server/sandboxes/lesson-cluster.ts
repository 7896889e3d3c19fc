/**
 * The learner's own cluster (`cluster:` of the lesson, or of its course): started before anybody has the sandbox, or before the lesson's setup and its
 * first shell, once. From that lesson on a script waits in the sandbox for jobs to end, since their ends are told by no terminal.
 */
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { AgentGone, type ScriptRequest, type ScriptResult } from '../agent/agent.ts';
import { crowding } from '../platform/crowding.ts';
import { SetupFailed } from './lesson-setup.ts';

/** ms; it takes about a second on a quiet machine, and has bounds of its own, after which it says what is wrong. */
const timeLimitMs = 90_000;
const outputLimit = 16 * 1024;
/** So long one script waits for a job to end before another does, ms: what is forgotten in a sandbox ends at some time. */
const waitMs = 3_600_000;

export class LessonCluster {
	readonly #run: (request: ScriptRequest) => Promise<ScriptResult>;
	#running: string | undefined;
	#starting: { shape: string; ends: Promise<void> } | undefined;
	/** Started, and nobody waits for its jobs to end yet: from so many bytes of their record on, or ('') from then on. */
	#unfollowed: string | undefined;
	readonly #jobEnded: () => void;
	readonly #pause: () => Promise<void>;
	#following = false;

	/** @param jobEnded one or more jobs have ended; @param pause waits before the next wait: a second, say */
	constructor(run: (request: ScriptRequest) => Promise<ScriptResult>, jobEnded: () => void, pause: () => Promise<void>) {
		this.#run = run;
		this.#jobEnded = jobEnded;
		this.#pause = pause;
	}

	/** Has it been started as the lesson wants it, or does the lesson have none? @param env of a script of the lesson */
	runs(env: Record<string, string>): boolean {
		const shape = env['ETABLI_CLUSTER'];
		return shape === undefined || shape === this.#running;
	}

	/**
	 * Starts what does not run of it; a lesson whose cluster has another shape gets that one. What the learner ends afterwards is theirs to start.
	 * @param env of a script of the lesson
	 * @param again though it has been started: a reset, which brings back what the learner has ended
	 * @throws SetupFailed, with the command's words: the next call tries again; AgentGone
	 */
	async start(env: Record<string, string>, home: string, again = false): Promise<void> {
		const shape = env['ETABLI_CLUSTER'];
		if (shape === undefined) return;
		if (again || !this.runs(env)) await this.#startOnce(shape, env, home, '');
		this.follow(env, home);
	}

	/** The same before it is anybody's: its jobs are not followed yet, and will be from the first on. @throws as `start` */
	async startAhead(env: Record<string, string>, home: string): Promise<void> {
		const shape = env['ETABLI_CLUSTER'];
		if (shape !== undefined && !this.runs(env)) await this.#startOnce(shape, env, home, '0');
	}

	/** Of one that runs: from now on jobs that end are told. Does nothing where they are already, or nothing runs. */
	follow(env: Record<string, string>, home: string): void {
		const from = this.#following ? undefined : this.#unfollowed;
		this.#unfollowed = undefined;
		if (from !== undefined) void this.#follow(env, home, from);
	}

	/** Whoever asks for the shape that is being started waits for that. */
	#startOnce(shape: string, env: Record<string, string>, home: string, followedFrom: string): Promise<void> {
		if (this.#starting?.shape === shape) return this.#starting.ends;
		const before = this.#starting?.ends.catch(() => undefined) ?? Promise.resolve(); // Its failure was given to whoever started it.
		const ends = before
			.then(() => this.#startNow(env, home, followedFrom))
			.finally(() => {
				if (this.#starting?.shape === shape) this.#starting = undefined;
			});
		this.#starting = { shape, ends };
		return ends;
	}

	async #startNow(env: Record<string, string>, home: string, followedFrom: string): Promise<void> {
		const script = '#!/bin/sh\nexec /opt/etabli/cluster start\n';
		this.#running = undefined;
		const request = { name: 'cluster', script, cwd: home, env, timeLimitMs: crowding() * timeLimitMs, outputLimit, stays: true };
		const { outcome, code, stdout, stderr } = await this.#run(request);
		if (outcome !== 'exited' || code !== 0) throw new SetupFailed(`cluster: ${outcome} ${code}: ${stderr || stdout}`);
		this.#running = env['ETABLI_CLUSTER'];
		this.#unfollowed = followedFrom;
	}

	/**
	 * Tells of jobs that end, for as long as the sandbox answers; when its connection is lost, the next start (of one that runs, which is quick)
	 * begins anew. Where the wait itself fails, commands alone set off checks.
	 * @param seen bytes of the record of jobs that have ended
	 */
	async #follow(env: Record<string, string>, home: string, seen: string): Promise<void> {
		this.#following = true;
		try {
			for (;;) {
				const script = `#!/bin/sh\nexec /opt/etabli/cluster ended ${seen}\n`;
				const request = { name: 'jobs', script, cwd: home, env, timeLimitMs: waitMs, outputLimit };
				const { outcome, code, stdout } = await this.#run(request);
				if (outcome !== 'time-limit') {
					if (outcome !== 'exited' || code !== 0 || !/^\d+\n$/.test(stdout)) return;
					seen = stdout.trim();
					this.#jobEnded();
				}
				// Who plays with that record has no more checks run than this.
				await this.#pause();
			}
		} catch (error) {
			if (!(error instanceof AgentGone || error instanceof Refusal)) throw error;
			this.#running = undefined;
		} finally {
			this.#following = false;
		}
	}
}
