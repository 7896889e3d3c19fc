/** Vite plugin: `virtual:etabli/accessibility` is what the operator says of an audit, as data; undefined when nothing is said. */
import type { Accessibility } from '../courses/accessibility.ts';
import type { VitePlugin } from './vite-plugin.ts';

const name = 'virtual:etabli/accessibility';

/** @param accessibility undefined: the operator says nothing of an audit */
export function accessibilityModule(accessibility: Accessibility | undefined): VitePlugin {
	return {
		name: 'etabli-accessibility',
		resolveId: (id) => (id === name ? `\0${name}` : undefined),
		load: (id) => (id === `\0${name}` ? `export const accessibility = ${JSON.stringify(accessibility)};` : undefined),
	};
}
