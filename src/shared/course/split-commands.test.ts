import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitCommands } from './split-commands.ts';

const cases: [string, string, string[]][] = [
	['one line is one command', 'ls\npwd\n', ['ls', 'pwd']],
	['comments and empty lines are left out', '# first\nls\n\n  # then\npwd', ['ls', 'pwd']],
	['a trailing backslash continues', 'apptainer build \\\n  a.sif \\\n  a.def\nls', ['apptainer build \\\n  a.sif \\\n  a.def', 'ls']],
	['two backslashes do not', 'echo a\\\\\nls', ['echo a\\\\', 'ls']],
	['an open quote continues', "echo 'a\nb'\nls", ["echo 'a\nb'", 'ls']],
	['an apostrophe in double quotes opens nothing', 'echo "c\'est"\nls', ['echo "c\'est"', 'ls']],
	['an escaped quote opens nothing', 'echo \\"\nls', ['echo \\"', 'ls']],
	['a backslash in single quotes escapes nothing', "echo '\\'\nls", ["echo '\\'", 'ls']],
	[
		'a here-document is part of its command',
		'cat > a.def <<EOF\nBootstrap: docker\n# kept\n\n%post\n  echo "open\nEOF\nls',
		['cat > a.def <<EOF\nBootstrap: docker\n# kept\n\n%post\n  echo "open\nEOF', 'ls'],
	],
	['quoted and indented here-documents', "cat <<-'FIN' && echo ok\n\ta\n\tFIN\nls", ["cat <<-'FIN' && echo ok\n\ta\n\tFIN", 'ls']],
	['two here-documents on a line', 'cat <<A - <<B\n1\nA\n2\nB\nls', ['cat <<A - <<B\n1\nA\n2\nB', 'ls']],
	['a here-string is none', 'cat <<< word\nls', ['cat <<< word', 'ls']],
	['an open substitution continues', 'echo $(\n  date\n)\nls', ['echo $(\n  date\n)', 'ls']],
	['a comment at the end of a line opens nothing', "ls # it's here\npwd", ["ls # it's here", 'pwd']],
	['a hash in a word is no comment', "echo a#'b\nc'\nls", ["echo a#'b\nc'", 'ls']],
	['what is never closed is one command', "echo 'a\nb\n", ["echo 'a\nb"]],
	['other line ends', 'ls\r\npwd\r\n', ['ls', 'pwd']],
	['nothing', '\n# only\n', []],
];

for (const [name, text, expected] of cases) test(name, () => assert.deepEqual(splitCommands(text), expected));
