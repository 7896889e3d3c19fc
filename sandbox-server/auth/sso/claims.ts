/** What an identity provider's claims mean here. Pure. */
import type { Role } from '../../../src/shared/protocol/roles.ts';
import { readName } from '../../platform/names.ts';
import type { SsoSettings } from './settings.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** The claim of that very name; else, "realm_access.roles" is `roles` in `realm_access`. */
function claim(claims: Claims, name: string): unknown {
	if (Object.hasOwn(claims, name)) return claims[name];
	return name
		.split('.')
		.reduce<unknown>(
			(found, key) => (found !== null && typeof found === 'object' && Object.hasOwn(found, key) ? (found as Claims)[key] : undefined),
			claims,
		);
}

/** The roles that the settings give for these claims, to the letter: no part of a value, no other case. */
export function rolesOf(claims: Claims, { roles }: Pick<SsoSettings, 'roles'>): Role[] {
	return (['trainer', 'operator'] as const).filter((role) =>
		Object.entries(roles[role] ?? {}).some(([name, wanted]) => {
			const held = [claim(claims, name)].flat();
			return [wanted].flat().some((value) => held.includes(value));
		}),
	);
}

/** What the person is called, as it can be shown; undefined when no claim says that. */
export function nameIn(claims: Claims, { name }: Pick<SsoSettings, 'name'>): string | undefined {
	const family = [claims['given_name'], claims['family_name']].filter((part) => typeof part === 'string').join(' ');
	for (const text of [claim(claims, name), family, claims['preferred_username']]) {
		const shown = typeof text === 'string' ? readName(text) : undefined;
		if (shown !== undefined) return shown;
	}
	return undefined;
}
