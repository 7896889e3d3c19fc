import type { ScriptRequest, ScriptResult } from '../agent/agent.ts';
import type { Owned } from '../store/store.ts';

/** A sandbox, as far as its home is concerned. */
export interface HomeSource extends Owned {
	name: string;
	/** The learner's home in the sandbox. */
	home: string;
	/** The whole environment of scripts. */
	env: Record<string, string>;
	run(request: ScriptRequest): Promise<ScriptResult>;
}
