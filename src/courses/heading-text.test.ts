import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headingText } from './heading-text.ts';

test('a title as text keeps what stands in code, and loses the marks around and outside of it', () => {
	const titles: Record<string, string> = {
		"## Préparer l'`image` du conteneur": "Préparer l'image du conteneur",
		'## `a_b` **and** *the* ``c`d`` `__init__`': 'a_b and the c`d __init__',
		'## [Inside](https://example.org/a_b) ![a cow](cow.png) of it ##': 'Inside a cow of it',
		'## A __strong__ snake_case_name, 2 * 3 * 4, ~~gone~~ \\*kept\\* \\{x\\}': 'A strong snake_case_name, 2 * 3 * 4, gone *kept* {x}',
		'## <kbd>Ctrl</kbd>+C {/* a remark */}': 'Ctrl+C',
		'A title of the head with `code`': 'A title of the head with code',
		'## `rm -rf *` and `ls *`': 'rm -rf * and ls *',
	};
	for (const [markdown, text] of Object.entries(titles)) assert.equal(headingText(markdown), text);
});
