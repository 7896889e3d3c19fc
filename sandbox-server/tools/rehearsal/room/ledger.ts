/** What the people of a rehearsed room write down together: times that somebody would notice, and who looked at whom with which leave. Times in ms. */

/** One look, as both sides had it. */
export interface LookEntry {
	/** Public name of the person who is looked at. */
	learner: string;
	/** They have said yes, and not taken it back. */
	leave: boolean;
	/** Frames of the terminal that came while there was no leave. */
	secret: number;
}

export class Ledger {
	/** From joining by the code to a prompt. */
	readonly starts: number[] = [];
	/** From the end of a step's last command to its green mark. */
	readonly verdicts: number[] = [];
	/** From the green mark on the learner's page to that on the trainer's grid. */
	readonly grid: number[] = [];
	readonly echoes: number[] = [];
	/** From the trainer's Enter to its output on the page of each who follows. */
	readonly followed: number[] = [];
	/** From what a trainer says or asks for to the page of each to whom it is said. */
	readonly told: number[] = [];
	/** From the moment at which the server that was killed answers again to everybody's page. */
	readonly back: number[] = [];
	readonly looks = new Map<string, LookEntry>();
	/** What should not have happened, in words. */
	readonly failures: string[] = [];
	readonly count = {
		steps: 0,
		raised: 0,
		taken: 0,
		helped: 0,
		asked: 0,
		yes: 0,
		no: 0,
		/** Helpers who typed, after a second yes; and of these, whose text came. */
		typed: 0,
		arrived: 0,
		/** Tried without leave: to look, to type, to do what is a trainer's; and of these, refused. */
		tried: 0,
		refused: 0,
		left: 0,
		returned: 0,
		answered: 0,
	};
	/** When each step turned green on its learner's page, by learner and step. */
	readonly #green = new Map<string, number>();
	readonly #seen = new Map<string, number>();

	/** A step has turned green on the page of its learner. */
	green(learner: string, step: string): void {
		this.#meet(this.#green, this.#seen, `${learner} ${step}`);
	}

	/** The trainer's grid shows it. */
	onGrid(learner: string, step: string): void {
		this.#meet(this.#seen, this.#green, `${learner} ${step}`);
	}

	#meet(here: Map<string, number>, there: Map<string, number>, key: string): void {
		if (here.has(key)) return;
		here.set(key, performance.now());
		const [green, seen] = [this.#green.get(key), this.#seen.get(key)];
		// The grid may well be first: the page takes its turn in the same thread.
		if (there.has(key) && green !== undefined && seen !== undefined) this.grid.push(Math.max(0, seen - green));
	}

	fail(who: string, error: unknown): void {
		this.failures.push(`${who}: ${error instanceof Error ? error.message : error}`);
	}

	/** Tries what must be refused. @param code of the refusal */
	async refused(what: string, code: string, attempt: () => Promise<unknown>): Promise<void> {
		this.count.tried++;
		try {
			await attempt();
			this.failures.push(`${what} was not refused`);
		} catch (error) {
			if (String(error).includes(`"${code}"`)) this.count.refused++;
			else this.fail(what, error);
		}
	}
}
