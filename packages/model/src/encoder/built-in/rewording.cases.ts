/** Other words for the synthetic catalogue's, as another seller of the same items might choose them. */
const otherWords = new Map(
  `
letter:message,witness:bystander,missing:vanished,sealed:locked,forgotten:neglected,detective:investigator,village:hamlet
signal:transmission,colony:settlement,engine:motor,navigator:helmsman,engineer:technician,machine:device,programmer:coder
android:robot,synthetic:artificial,promise:vow,garden:yard,wedding:marriage,sweet:lovely,tender:gentle,baker:pastry cook
florist:flower seller,bookseller:bookshop owner,neighbour:resident,map:chart,treasure:riches,expedition:voyage,summit:peak
hidden:concealed,wild:untamed,pilot:aviator,diver:scuba diver,ship:vessel,storm:tempest,island:isle,corsair:pirate
captain:skipper,stolen:robbed,crimson:scarlet,sword:blade,dragon:serpent,oath:vow,throne:royal seat,ancient:old,broken:shattered
cursed:bewitched,knight:paladin,heir:prince,oracle:prophet,forest:woodland,spell:incantation,enchanted:magical
cellar:basement,shadow:darkness,scream:shriek,nameless:unknown,hungry:starving,rotten:decayed,caretaker:janitor,priest:clergyman
farmhand:labourer,ranger:forester,office:workplace,manager:supervisor,meeting:conference,terrible:awful,absurd:ridiculous
intern:trainee,accountant:bookkeeper,holiday:vacation,cousin:relative,loud:noisy,chaotic:messy,grandmother:granny
inheritance:legacy,silence:quiet,daughter:girl,bitter:resentful,doctor:physician,verdict:judgment,scandal:outrage,trial:hearing
newspaper:press,senator:politician,guilty:culpable,corrupt:crooked,lawyer:attorney,journalist:reporter,judge:magistrate
empress:queen,treaty:pact,palace:castle,dynasty:royal house,scroll:parchment,noble:aristocratic,scribe:scholar,general:commander
trench:bunker,regiment:troops,telegram:message,convoy:supply line,wounded:injured,medic:nurse,deserter:runaway
glacier:ice,whale:orca,migration:journey,wolf:predator,vanishing:endangered,vast:huge,album:record,guitar:strings,tour:concerts
studio:recording room,legendary:iconic,drummer:percussionist,songwriter:composer,saddle:horse seat,canyon:gulch,bounty:reward
outlaw:bandit,saloon:tavern,railroad:train line,dusty:arid,ruthless:merciless,sheriff:marshal,drifter:wanderer
gunslinger:gunfighter,agent:spy,dossier:file,embassy:consulate,border:frontier,code:password,covert:secret,classified:confidential
defector:traitor,courier:messenger,final:title match,coach:trainer,rival:opponent,unbeaten:undefeated,injured:hurt,rookie:newcomer
goalkeeper:goalie,stadium:arena,trophy:cup,circuit:track,fastest:quickest,reckless:daredevil,mechanic:technician
mystery:whodunit,romance:love story,adventure:odyssey,horror:scary story,comedy:funny story,history:period drama,fantasy:fairy tale
western:cowboy story,thriller:suspense story,sport:athletics,documentary:true story,drama:serious story
`
    .trim()
    .split(/[\n,]/)
    .map((line) => line.split(':') as [string, string]),
);

/** Every word that has another is said by it. */
export function reworded(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => otherWords.get(word.toLowerCase()) ?? word);
}
