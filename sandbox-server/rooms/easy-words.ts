/** 256 French words that everybody knows, can spell without an accent and can tell from each other. */
export const easyWords: readonly string[] = [
	'abeille abri acier agneau aigle algue alpin ami ananas ancre ange anneau arbre arc argile armoire aube avion',
	'bague balai balcon baleine balle ballon bambou banane bandeau barque bateau berger beurre biche bijou billet',
	'bison blason bocal bois bonbon bonnet bord botte bouche boucle bougie boule bouquet bourgeon brique brise',
	'brosse bulle bureau cabane cadran cadre cahier caillou calme camion canal canard canne canot carafe carotte',
	'carte casque castor cave cerf cerise chaise chalet champ chanson chapeau chat chemin cheval chien chiffre ciel',
	'cigale citron clairon clef cloche clou cobalt coffre colline collier colombe comete coq corail corbeau corde',
	'coton couleur cour crabe craie crayon creme cube cuivre cygne daim dauphin dessin digue domino dragon drapeau',
	'dune eau echelle eclair ecran ecume elan envol epaule epi erable escargot etang etoile falaise faon farine',
	'faucon fenetre fer ferme feu feuille fil filet flamme fleur fleuve flocon flotte flute foin fontaine foret',
	'forge fougere four fourmi fraise frelon fromage fruit fumee fusain galet gant garage gare gateau gazelle geai',
	'genou girafe givre gland globe gomme gouache grange granit grappe grenier griffon grille grive grotte grue',
	'guitare hamac haricot harpe herbe hermine heron hibou horloge houle huile huitre iguane ile image indigo iris',
	'ivoire jade jambe jardin jasmin jeton jonc joue journal jument jupe lac laine madrier magie maison manche',
	'mangue marbre mardi marelle marmite marron masque matin melon menthe merle miel mimosa miroir moineau montagne',
	'moteur mouette moulin moustache mouton muguet muraille musique lampe lapin laurier lavande levure lierre lilas',
	'linge lion livre loupe loutre lune lutin lys',
].flatMap((line) => line.split(' '));
