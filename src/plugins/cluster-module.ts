/** Vite plugin: `virtual:etabli/cluster-profile` is what the operator calls things on their cluster, as data; undefined when nothing is said. */
import type { ClusterProfile } from '../shared/course/cluster-profile.ts';
import type { VitePlugin } from './vite-plugin.ts';

const name = 'virtual:etabli/cluster-profile';

/** @param profile undefined: lessons show placeholders */
export function clusterModule(profile: ClusterProfile | undefined): VitePlugin {
	return {
		name: 'etabli-cluster-profile',
		resolveId: (id) => (id === name ? `\0${name}` : undefined),
		load: (id) => (id === `\0${name}` ? `export const clusterProfile = ${JSON.stringify(profile)};` : undefined),
	};
}
