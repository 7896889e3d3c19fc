/** Colours of Apptainer's definition files: a head of "Key: value", then sections, those that are scripts as shell. */
import type { StreamParser, StringStream } from '@codemirror/language';
import { shell } from '@codemirror/legacy-modes/mode/shell';

/** Sections whose text is data. All others are scripts; names do not mind capitals, as Apptainer does not. */
const data = ['files', 'labels', 'help', 'appfiles', 'applabels', 'apphelp', 'arguments'];

interface State {
	/** Where we are: the head, a section of data, a script. */
	part: 'head' | 'data' | 'script';
	/** The shell's own, from the beginning of a script. */
	shell: unknown;
}

const script = shell as StreamParser<unknown>;
const startOfScript = () => script.startState?.(4);

function section(stream: StringStream, state: State): string {
	const name = /^%(\w+)/.exec(stream.string)?.[1]?.toLowerCase() ?? '';
	state.part = data.includes(name) ? 'data' : 'script';
	state.shell = startOfScript();
	stream.match(/^%\w+/);
	return 'keyword';
}

function plain(stream: StringStream, state: State): string | null {
	if (stream.sol() && stream.match(/^\s*#.*/)) return 'comment';
	if (stream.match(/^\{\{.*?\}\}/)) return 'variableName.special';
	if (stream.sol() && state.part === 'head' && stream.match(/^\s*[A-Za-z][\w-]*(?=\s*:)/)) return 'propertyName';
	if (stream.sol() && state.part === 'data' && stream.match(/^\s*[\w.-]+(?==)/)) return 'propertyName';
	stream.next();
	stream.match(/^[^{]+/);
	return null;
}

export const apptainer: StreamParser<State> = {
	name: 'apptainer',
	startState: () => ({ part: 'head', shell: startOfScript() }),
	copyState: (state) => ({ part: state.part, shell: script.copyState ? script.copyState(state.shell) : copy(state.shell) }),
	token(stream, state) {
		if (stream.sol() && stream.peek() === '%') return section(stream, state);
		if (state.part !== 'script') return plain(stream, state);
		if (stream.match(/^\{\{.*?\}\}/)) return 'variableName.special';
		return script.token(stream, state.shell);
	},
	languageData: { commentTokens: { line: '#' } },
};

/** The shell's state holds a stack of what is open. */
function copy(state: unknown): unknown {
	const { tokens } = state as { tokens: unknown[] };
	return { tokens: [...tokens] };
}
