import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proseProblems } from './lint-prose.ts';

const head = '---\ntitle: T\ndescription: D\n---\n';
const said = (body: string) =>
	proseProblems('fr.mdx', `${head}${body}`)
		.map(({ line, what, remedy }) => `${line}: ${what} → ${remedy}`)
		.join('\n');

const rows: [string, string, RegExp][] = [
	[
		'the title of an aside behind its name',
		':::note Mon titre\nx\n:::\n',
		/^5: What follows :::note .* is lost: Mon titre → A title is written :::note\[Mon titre\]/,
	],
	['an aside on one line', 'a\n\n:::tip texte :::\n', /^7: What follows :::tip .*:::tip\[texte\]/],
	['an aside of another name', ':::warning\nx\n:::\n', /^5: There is no aside ":::warning".*→ Write :::caution\./],
	['an aside with a capital', ':::Note\nx\n:::\n', /^5: There is no aside ":::Note".*→ Write :::note\./],
	[
		'a pipe in the code of a table',
		'| a | b |\n|---|---|\n| x | y |\n| `ls | wc` | z |\n',
		/^8: This row has 3 cells, and the table 2 columns.*\\\|/,
	],
	['bold before a letter', '**Attention :**texte\n', /^5: These \*\* make nothing bold/],
	['bold before a no-break space', 'Du texte et\n**Attention\u00a0**: texte\n', /^6: These \*\* make nothing bold/],
	['bold that is never closed', 'a **b c\n', /^5: These \*\* make nothing bold/],
	['code by indentation', 'Tapez :\n\n    ls\n    pwd\n', /^7: Lines that begin with four blanks/],
	['code by indentation, in a list', '- Tapez :\n\n      ls\n', /^7: Lines that begin with four blanks/],
	['code by a tab', 'Tapez :\n\n\tls\n', /^7: Lines that begin with four blanks/],
	['a line that makes a heading', 'Du texte\n---\n', /^5: The line under this text makes a heading/],
	['a table without its second line', 'a\n\n| a | b |\n| c | d |\n', /^7: These pipes make no table/],
	['a heading without a blank', 'a\n\n##Titre\n', /^7: No blank follows ##: this is no heading\. → Write: ## Titre/],
	['an alert of other programs', '> [!NOTE]\n> x\n', /^5: \[!NOTE\] is shown as it stands\. → An aside is written :::note/],
	['an address with a blank', 'a\nvoir [la suite](../mon dossier/)\n', /^6: This is no link, since its address has a blank: \[la suite\]/],
	['a note that is not there', 'Du texte[^2].\n', /^5: The note \[\^2\] stands nowhere/],
	['a link by a name that is not there', 'Voir [la suite][ici].\n', /^5: Nothing says where this link leads: \[la suite\]\[ici\]/],
	['a link with a blank', 'Voir [la suite] (../b/).\n', /^5: The blank between \[la suite\]/],
];
for (const [name, body, expected] of rows) test(name, () => assert.match(said(body), expected));

test('what is meant as it is shown is not told', () => {
	const body = [
		':::note[Mon *titre*]\nx\n:::\n',
		':::tip\nx\n:::\n',
		'| a | b |\n|---|---|\n| `ls \\| wc` | z |\n| seul | |\n',
		'**Attention** : texte, **gras**. 2 \\*\\* 3, `**`, ~/a … ~, --opt\n',
		'- un\n  suite\n\n  encore\n    - deux\n\n      trois\n',
		'> citation\n\n---\n\n## Titre\n',
		'<Step id="a">\n\ntexte\n\n```text\n    code\n| a | b |\n**\n:::note x\n```\n\n</Step>\n',
		'[a](b) et (c), [x] (note)[^1]\n\n[^1]: Une note.\n',
		'[a](b "titre"), [c](<d e>), [f][g], t[0][1], \\[h][i], #mot, `##x`\n\n[g]: b\n',
	].join('\n');
	assert.equal(said(body), '');
});
