/** English when the browser prefers it to French, French otherwise. */
const first = navigator.languages.map((language) => language.slice(0, 2)).find((language) => language === 'fr' || language === 'en');
location.replace(first === 'en' ? '/en/' : '/fr/');
