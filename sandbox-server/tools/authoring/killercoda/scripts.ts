/** The shell scripts of an imported lesson. */
import type { Asset, Script } from './scenario.ts';

/** In single quotes, for sh. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A line that does not stand in the text, to end a here-document with. */
function endOf(text: string): string {
	let end = 'END_OF_VERIFICATION';
	while (text.split('\n').includes(end)) end += '_';
	return end;
}

/**
 * The scenario's own verification as a check: its status 0 is "done". A verification says nothing to the learner but yes or no; one that could not do
 * its work (a program that is missing, a fault in it, no answer in time) is not blamed on them.
 */
export function checkScript({ file, text }: Script): string {
	const end = endOf(text);
	const [, program = 'bash'] = /^#!\s*\S*?\/?(?:env\s+)?(python3?|perl|ruby|node|sh|bash)\b/.exec(text) ?? [];
	const interpreter = program === 'sh' ? 'bash' : program;
	const body = text.endsWith('\n') ? text : `${text}\n`;
	return `#!/bin/bash
# Runs the scenario's own verification (${file.replace(/[^\x20-\x7e]/g, '?')}), unchanged: it ends with 0 when the step is done.
. /opt/etabli/check.sh
code=0
said=$(timeout -k 1 8 ${interpreter} /dev/fd/3 2>&1 </dev/null 3<<'${end}'
${body}${end}
) || code=$?
case $code in
0) pass ;;
124 | 137) broken "the scenario's verification did not end within 8 s" ;;
126 | 127) broken "a program that the scenario's verification uses is not here: $(tail -c 500 <<<"$said")" ;;
esac
case $said in
*'command not found'* | *'syntax error'* | *'unexpected end of file'* | *'Traceback (most recent call last)'*) broken "$(tail -c 500 <<<"$said")" ;;
esac
fail 'La vérification du scénario ne trouve pas encore ce qu’elle attend : relisez la consigne.' \\
	'The scenario’s own verification does not find what it expects yet: read what is asked once more.' hint 1
`;
}

/** What the text of the step runs, or its folded solution. */
export const solutionScript = (commands: readonly string[]): string => `#!/bin/bash\n${commands.join('\n')}\n`;

export interface SetupParts {
	/** Folder of the scenario's files, below the home folder. */
	place: string;
	assets: readonly Asset[];
	foreground: Script | undefined;
	background: Script | undefined;
}

/** Puts the assets in their places and runs the scripts that prepare the scenario; undefined when there is nothing to do. */
export function setupScript({ place, assets, foreground, background }: SetupParts): string | undefined {
	if (assets.length === 0 && !foreground && !background) return undefined;
	const out = ['#!/bin/bash', '# What the scenario does before its first step.', 'set -u', `place=$HOME/${place}`];
	if (assets.length > 0) {
		out.push(
			'put() { # file, folder, mode',
			'	local folder=${2/#\\~/$HOME}',
			'	mkdir -p "$folder" && cp -- "$place/assets/$1" "$folder/" || return',
			'	[ -z "$3" ] || chmod "$3" "$folder/${1##*/}"',
			'}',
			...assets.map(
				({ name, target, chmod }) => `put ${quoted(name)} ${quoted(target.replace(/^\$HOME/, '~'))} ${quoted(chmod ?? '')} || exit`,
			),
		);
	}
	if (background) {
		out.push('# It goes on after the preparation.');
		out.push('nohup bash "$place/background.sh" >"$place/background.log" 2>&1 </dev/null &');
	}
	if (foreground) {
		out.push('# It may wait for what never comes here: the lesson begins all the same.');
		out.push('timeout -k 1 40 bash "$place/foreground.sh" >"$place/foreground.log" 2>&1 </dev/null || true');
	}
	return `${out.join('\n')}\n`;
}
