/** Does a lesson's setup bear being run on top of itself, and does its cleanup take away what it leaves outside of the lesson's folder? */
import type { Lesson } from '../../../src/shared/course/course.ts';
import type { Language } from '../../../src/shared/language.ts';
import type { ScriptResult } from '../../agent/agent.ts';
import type { Sandbox } from '../../sandboxes/sandbox.ts';

const limits = { timeLimitMs: 60_000, outputLimit: 256 * 1024 };
/** Leftovers that are named in a fault. */
const named = 10;

/** Programs, and files outside of the lesson's folder; the agent's own processes, the learner's shells, the lesson's cluster, and what every Apptainer command writes, do not count. */
const listing = `#!/bin/sh
for entry in /proc/[0-9]*; do
	pid=\${entry#/proc/}
	[ "$pid" != 1 ] && [ "$pid" != $$ ] || continue
	said=$(tr '\\0' ' ' < "$entry/cmdline" 2>/dev/null)
	case $said in ''|'/opt/etabli/agent '*|'bash --rcfile /opt/etabli/'*|'slurmctld -D '*|': slurmscriptd '*|'slurmd -D -N '*|'sshd: /usr/sbin/sshd -D '*) continue ;; esac
	# The server's own scripts that wait for something of the cluster, and what they run, are of one session.
	leader=$(sed 's/.*) //' "$entry/stat" 2>/dev/null | cut -d ' ' -f 4)
	case $(tr '\\0' ' ' < "/proc/$leader/cmdline" 2>/dev/null) in *' /opt/etabli/cluster ended '*|*' /opt/etabli/cluster watch '*) continue ;; esac
	printf 'the program %s\\n' "$said"
done
find "$HOME" /tmp /var/tmp /dev/shm -mindepth 1 \\( -path "$FOLDER" -o -path "$HOME/.apptainer" -o -path "$HOME/.cache" -o -path '*/.cluster' -o -name '.bash_history' \\) -prune -o -printf '%p\\n' 2>/dev/null
exit 0
`;

/** What a play may ask of the sandbox itself; known only of a server in this process. */
export interface Inspector {
	/** What is there now. Before the lesson's first terminal: before its setup. */
	look(): Promise<string[]>;
	/** Setup once more on top of itself, then cleanup. @returns what is wrong, in words; undefined: nothing */
	tryTidying(before: readonly string[]): Promise<string | undefined>;
}

/** @param language in which setup and cleanup are run */
export function inspectorOf(sandbox: Sandbox, lesson: Lesson, language: Language): Inspector {
	const setting = sandbox.scriptSetting(lesson, language);
	const run = (name: string, script: string, cwd = setting.cwd) =>
		sandbox.run({ ...limits, name, script, cwd, env: { ...setting.env, FOLDER: setting.cwd } });
	const look = async () => {
		const { stdout } = await run('look', listing, setting.env['HOME'] ?? '/');
		return stdout.split('\n').filter(Boolean);
	};
	return {
		look,
		async tryTidying(before) {
			if (lesson.setup !== undefined) {
				const again = await run('setup', lesson.setup);
				if (!wentWell(again)) return `setup failed when it was run on top of itself: ${ending(again)}`;
			}
			if (lesson.cleanup !== undefined) {
				const cleanup = await run('cleanup', lesson.cleanup);
				if (!wentWell(cleanup)) return `cleanup failed: ${ending(cleanup)}`;
			}
			// Its folder is all of the home, and what goes on in it is part of the lesson: a fresh sandbox is the way back.
			if (lesson.settings.folder === 'home') return undefined;
			const left = added(before, await look());
			if (left.length === 0) return undefined;
			const more = left.length > named ? ` and ${left.length - named} more` : '';
			const who = lesson.cleanup === undefined ? 'setup leaves, and there is no cleanup' : 'setup and cleanup leave';
			return `${who}: ${left.slice(0, named).join(', ')}${more}`;
		},
	};
}

const wentWell = ({ outcome, code }: ScriptResult) => outcome === 'exited' && code === 0;
const ending = ({ outcome, code, stdout, stderr }: ScriptResult) => `${outcome} ${code}\n${(stderr || stdout).trim().slice(-2000)}`;

/** What there is more of than before. */
export function added(before: readonly string[], after: readonly string[]): string[] {
	const known = [...before];
	return after.filter((line) => {
		const at = known.indexOf(line);
		if (at >= 0) known.splice(at, 1);
		return at < 0;
	});
}
