/** Ctrl-C and SIGTERM: the first asks the work to end in good order, the second ends the process at once. */

export interface Interrupt {
	/** Aborted by the first signal, with an `Interrupted` as reason. */
	signal: AbortSignal;
	/** Lets go of the signals. */
	dispose(): void;
}

export class Interrupted extends Error {
	override readonly name = 'Interrupted';
	/** 128 + the signal's number, as shells have it. */
	readonly status: number;
	constructor(status: number) {
		super('interrupted');
		this.status = status;
	}
}

/** Statuses by signal; SIGHUP comes when the terminal is closed. */
const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const sandboxes = '; ./etabli down tidies up, and names the learners whose sandboxes are still there.';

/**
 * From now on until `dispose`. The second signal ends the process with the signal's own status.
 * @param afterwards what is said then, after "Ended at once"
 */
export function watchInterrupts(afterwards: string = sandboxes): Interrupt {
	const controller = new AbortController();
	const listeners = Object.entries(statuses).map(([name, status]) => {
		const listener = (): void => {
			if (controller.signal.aborted) {
				process.stderr.write(`\nEnded at once${afterwards}\n`);
				process.exit(status);
			}
			controller.abort(new Interrupted(status));
		};
		process.on(name, listener);
		return { name, listener };
	});
	return {
		signal: controller.signal,
		dispose() {
			for (const { name, listener } of listeners) process.off(name, listener);
		},
	};
}
