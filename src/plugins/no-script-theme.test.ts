import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lightRules } from './no-script-theme.ts';

test('the light theme of the sheets, for whoever has no script to ask for it', () => {
	const css = `@import 'x;y{}';:root{--a:1}:root[data-theme=light],[data-theme="light"] ::backdrop{--a:2}
		@font-face{src:url(x)} .e[data-theme=light]:before{content:'}{'}
		@layer x{@media (min-width:1px){:root[data-theme='dark']{--b:1}:root[data-theme='light'] .c,.d{--b:2}}} /* [data-theme=light]{} */`;
	assert.deepEqual(lightRules(css).split('\n'), [
		':root[data-theme],[data-theme] ::backdrop{--a:2}',
		".e[data-theme]:before{content:'}{'}",
		'@layer x{@media (min-width:1px){:root[data-theme] .c{--b:2}}}',
	]);
});
