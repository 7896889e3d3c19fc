import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Intent, readFence } from './fence.ts';

const read = (fence: string) => {
	const [, language = '', meta = ''] = /^(\S*)\s*(.*)$/.exec(fence) ?? [];
	return readFence(language, meta);
};
const run = { kind: 'run', terminal: undefined, wait: true, interrupt: false } as const;
const intents: [string, Intent][] = [
	['bash', { kind: 'read' }],
	['python title="a run" {1-3} "output" /file/ ins={2}', { kind: 'read' }],
	['bash run', run],
	['sh run terminal=2 nowait', { ...run, terminal: '2', wait: false }],
	['sh run host=c2 nowait', { ...run, terminal: 'c2', wait: false }],
	['sh run terminal=c2', { ...run, terminal: 'c2' }],
	['bash run interrupt terminal="3"', { ...run, terminal: '3', interrupt: true }],
	['python file=src/hello.py', { kind: 'file', path: 'src/hello.py', placing: { mode: 'write' } }],
	['text file="with blanks.txt" append', { kind: 'file', path: 'with blanks.txt', placing: { mode: 'append' } }],
	[
		'yaml file=x.yaml replace="^ *port: \\d+ \\"x\\"$"',
		{ kind: 'file', path: 'x.yaml', placing: { mode: 'replace', pattern: '^ *port: \\d+ "x"$' } },
	],
	['text file={{animal}}.txt', { kind: 'file', path: '{{animal}}.txt', placing: { mode: 'write' } }],
	['python open=a/hello.py line=12', { kind: 'open', path: 'a/hello.py', line: 12 }],
	['python open=hello.py', { kind: 'open', path: 'hello.py', line: undefined }],
	['text output', { kind: 'output', compare: undefined }],
	['text output compare', { kind: 'output', compare: 'text' }],
	['text output compare=regex', { kind: 'output', compare: 'regex' }],
	['bash no-run', { kind: 'no-run', copy: true }],
	['bash no-run no-copy', { kind: 'no-run', copy: false }],
];
for (const [fence, intent] of intents) {
	test(fence, () => assert.deepEqual({ intent: read(fence).intent, faults: read(fence).faults }, { intent, faults: [] }));
}

test('a text that is kept in a file of its own', () => {
	assert.equal(read('bash run from=blocks/build.sh').from, 'blocks/build.sh');
	assert.deepEqual(read('bash from=blocks/build.sh').faults, []);
});

const faults: [string, RegExp][] = [
	['bash rnu', /"rnu" means nothing after ```bash\. → Write "run"\./],
	['bash whatever', /"whatever" means nothing.* → Known are: run, terminal, /],
	['bash run host=node1', /There is no host "node1": the nodes of a lesson’s cluster are called c1, c2 and so on\. → Write host=c1/],
	['bash run host=c9', /There is no node "c9": a cluster has at most 8, from c1 on\. → Write host=c1 to host=c8/],
	['bash run host=login', /"host=login" is the machine of the lesson’s terminals 1 to 4\. → Write terminal=1, or leave it out/],
	['bash run host=2', /There is no host "2"/],
	['bash run host=compute', /There is no host "compute"/],
	['bash run host=c1 terminal=2', /"terminal" and "host" both say where the block is run\. → Keep one/],
	['bash run host', /"host" says nothing without a value\. → Write for example host=c1/],
	['bash host=c1', /"host" says nothing without "run"/],
	['python run', /A block of "python" cannot be run/],
	['bash run terminal=9', /There is no terminal "9".* → Write terminal=1 to terminal=4/],
	['bash run terminal', /"terminal" says nothing without a value\. → Write for example terminal=2/],
	['bash terminal=2', /"terminal" says nothing without "run"/],
	['bash run=2', /"run" takes no value/],
	['bash run run', /"run" stands here twice/],
	['bash run output', /both "run" and "output"/],
	['bash run no-run', /both "run" and "no-run"/],
	['bash no-copy', /"no-copy" says nothing without "no-run"/],
	['text append', /"append" says nothing without "file"\. → Add file=NAME/],
	['text file=a append replace="b"', /both "append" and "replace"/],
	['text file=../a', /The file "\.\.\/a" is not in the lesson’s folder/],
	['text file=/etc/passwd', /begins at the root/],
	['text file=a replace="("', /replace="\(" is no regular expression/],
	['text open', /"open" says nothing without a value\. → Write for example open=hello\.def/],
	['text open=/etc/passwd', /begins at the root.* → .*: open=data/],
	['text open=a line=0', /"line=0" is no line of a file\. → Write its number, from 1/],
	['text line=3', /"line" says nothing without "open"\. → Add open=NAME/],
	['text open=a file=b', /both "file" and "open"/],
	['bash run open=a', /both "run" and "open"/],
	['text output compare=fuzzy', /"compare=fuzzy" means nothing\. → Write "compare", or "compare=regex"/],
	['text compare', /"compare" says nothing without "output"/],
	['bash run from=../x.sh', /"from=\.\.\/x\.sh" is not a file of the lesson’s folder "blocks"\. → .*from=blocks\/x\.sh/],
];
for (const [fence, expected] of faults) {
	test(`refused: ${fence}`, () => {
		const [first, ...more] = read(fence).faults;
		assert.match(`${first?.what} → ${first?.remedy}`, expected);
		assert.deepEqual(more, []);
	});
}
