import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight';
import { languageOf } from './languages.ts';

const words = tagHighlighter([
	{ tag: tags.keyword, class: 'keyword' },
	{ tag: tags.comment, class: 'comment' },
	{ tag: tags.string, class: 'string' },
	{ tag: tags.propertyName, class: 'property' },
	{ tag: tags.special(tags.variableName), class: 'template' },
	{ tag: tags.variableName, class: 'variable' },
	{ tag: tags.standard(tags.variableName), class: 'builtin' },
	{ tag: tags.atom, class: 'atom' },
]);

/** "class word" of each coloured part. */
function coloured(path: string, text: string): string[] {
	const { language } = languageOf(path, text);
	if (!language) return [];
	const tree = ensureSyntaxTree(EditorState.create({ doc: text, extensions: language }), text.length, 5000);
	assert.ok(tree);
	const found: string[] = [];
	highlightTree(tree, words, (from, to, name) => found.push(`${name} ${text.slice(from, to)}`));
	return found;
}

test('a definition file: its head, sections in any capitals, scripts as shell, templates', () => {
	const text = [
		'# first',
		'Bootstrap: docker',
		'From: alpine:{{ V }}',
		'%labels',
		'Author=me # not a comment of a label',
		'%Post -c /bin/ash',
		'  # in a script',
		'  if [ "$N" ]; then echo "it {{ V }}"; fi',
		'%runscript',
		'  exec "$@"',
		'%help',
		'  if you "need" help',
	].join('\n');
	const found = coloured('hello.def', text);
	for (const part of ['comment # first', 'property Bootstrap', 'property From', 'template {{ V }}', 'keyword %labels', 'property Author'])
		assert.ok(found.includes(part), `${part} in ${found.join('\n')}`);
	for (const part of ['keyword %Post', 'comment # in a script', 'keyword if', 'keyword then', 'keyword fi', 'keyword %runscript'])
		assert.ok(found.includes(part), `${part} in ${found.join('\n')}`);
	const help = found.slice(found.indexOf('keyword %help') + 1);
	assert.deepEqual(help, [], 'a help text is no shell');
	assert.deepEqual(coloured('any', 'Bootstrap: docker\n'), ['property Bootstrap'], 'by its first line');
});

test('shell, YAML, Python and Dockerfile are known by their names or first lines; other files have no colours', () => {
	for (const [path, text, part] of [
		['a/run.sh', 'if true; then x; fi', 'keyword if'],
		['job.sbatch', '#SBATCH -n 1', 'comment #SBATCH -n 1'],
		['tool', '#!/usr/bin/env python3\nimport os', 'keyword import'],
		['start', '#!/bin/sh -e\nfor i in 1; do x; done', 'keyword for'],
		['app.yaml', 'a: 1 # b', 'comment # b'],
		['x.py', 'def f(): return "s"', 'string "s"'],
		['Dockerfile', 'FROM alpine\nRUN x', 'keyword RUN'],
		['Containerfile.dev', 'FROM alpine', 'keyword FROM'],
		['Singularity.gpu', '%post\n', 'keyword %post'],
	] as const) {
		assert.ok(coloured(path, text).includes(part), `${path}: ${coloured(path, text).join(' | ')}`);
	}
	assert.equal(languageOf('notes.txt', 'if').language, undefined);
	assert.equal(languageOf('sub/Makefile', '').indent, '\t');
});
