/** Words of the search's results, which are loaded when somebody is about to search. Its button and field have Starlight's. */
import type { Language } from '../shared/language.ts';

const fr = {
	searching: 'Recherche de « {term} »…',
	none: 'Aucun résultat pour « {term} »',
	one: '1 résultat pour « {term} »',
	several: '{count} résultats pour « {term} »',
	more: 'Voir plus de résultats',
	clear: 'Effacer',
	broken: 'La recherche n’a pas pu être chargée. Vérifiez la connexion, puis tapez de nouveau.',
};

const en: typeof fr = {
	searching: 'Searching for “{term}”…',
	none: 'No results for “{term}”',
	one: '1 result for “{term}”',
	several: '{count} results for “{term}”',
	more: 'Show more results',
	clear: 'Clear',
	broken: 'The search could not be loaded. Check the connection, then type again.',
};

export const searchStrings: Record<Language, typeof fr> = { fr, en };
