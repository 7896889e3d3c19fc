import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast } from './contrast.ts';
import { ansiNames, themes } from './terminal-theme.ts';

test('contrast is that of WCAG', () => {
	assert.equal(contrast('#000000', '#ffffff'), 21);
	assert.ok(Math.abs(contrast('#777777', '#ffffff') - 4.48) < 0.01);
});

for (const [name, theme] of Object.entries(themes)) {
	test(`every colour reads in the ${name} theme, selected too`, () => {
		assert.equal(ansiNames.length, 16);
		for (const colour of [...ansiNames, 'foreground', 'cursor'] as const) {
			const ratio = contrast(theme[colour], theme.background);
			assert.ok(ratio >= 4.5, `${colour} ${theme[colour]}: ${ratio.toFixed(2)}`);
		}
		assert.ok(contrast(theme.foreground, theme.selectionBackground) >= 4.5);
	});
}
