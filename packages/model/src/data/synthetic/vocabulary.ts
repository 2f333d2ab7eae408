/** Words of the generated catalogue, made up for it. Two themes to a genre; people's tastes go by theme, finer than genre. */

export interface Theme {
  readonly genre: string;
  readonly nouns: readonly string[];
  readonly adjectives: readonly string[];
  readonly heroes: readonly string[];
  readonly places: readonly string[];
}

/** One line a theme: genre | nouns | adjectives | heroes | places. */
const lines = `
Mystery|letter,cipher,alibi,locket,witness,ledger|missing,sealed,false,unsigned,forgotten|detective,archivist,night porter,notary|the old hotel,Canal Street,the reading room,the night train
Mystery|lighthouse,tide,village,bell,orchard,well|drowned,whispering,quiet,buried,foggy|vicar,schoolteacher,coroner,postmistress|the headland,the parish,Saltmarsh,the mill pond
Science fiction|signal,orbit,colony,engine,horizon,probe|distant,silent,silver,frozen,last|navigator,engineer,signal officer,botanist|Titan,the outer ring,the long ship,Station Nine
Science fiction|machine,memory,mirror,circuit,copy,dream|borrowed,synthetic,perfect,electric,unwritten|programmer,android,test subject,repairer|the server halls,Neon Quarter,the laboratory,the archive tower
Romance|summer,promise,dance,garden,postcard,wedding|second,sweet,unexpected,golden,tender|baker,florist,violinist,gardener|the lake house,Rose Lane,the vineyard,the seaside pier
Romance|winter,window,umbrella,bookshop,melody,neighbour|shy,rainy,late,paper,borrowed|translator,piano tuner,bookseller,nurse|the rooftop,the corner cafe,Platform Four,the quiet street
Adventure|map,river,treasure,expedition,compass,summit|hidden,lost,endless,wild,painted|cartographer,mountain guide,pilot,diver|the Amber Pass,the river delta,the emerald valley,the high plateau
Adventure|ship,storm,anchor,island,corsair,reef|black,stolen,burning,crimson,raging|captain,smuggler,shipwright,cabin boy|the Sunken Coast,Port Marrow,the southern isles,the open sea
Fantasy|crown,dragon,sword,oath,throne,ember|ancient,broken,iron,cursed,fallen|knight,heir,blacksmith,oracle|the northern keep,Eldermoor,the burning hills,the hall of kings
Fantasy|forest,lantern,spell,fox,moon,door|enchanted,hollow,velvet,wandering,glowing|apprentice,herbalist,changeling,storyteller|the whispering wood,the moon market,Thistledown,the glass lake
Horror|cellar,shadow,mask,staircase,scream,attic|crooked,nameless,hungry,blind,rotten|caretaker,widow,night nurse,priest|the boarding house,Gallow Hill,the asylum,the empty ward
Horror|swamp,root,swarm,scarecrow,harvest,burrow|crawling,pale,withered,feral,swollen|farmhand,biologist,trapper,ranger|the cornfields,Black Hollow,the bog road,the abandoned farm
Comedy|office,meeting,manager,memo,elevator,lunch|terrible,accidental,overdue,absurd,mandatory|intern,receptionist,accountant,consultant|the third floor,the break room,the annual retreat,the head office
Comedy|holiday,caravan,brother-in-law,barbecue,road trip,cousin|loud,chaotic,sunburnt,unwelcome,double|father of four,grandmother,best man,tour guide|the campsite,the motorway,the all-inclusive,the family cabin
Drama|inheritance,silence,daughter,farm,promise,kitchen|bitter,unspoken,fading,ordinary,heavy|widower,schoolgirl,doctor,carpenter|the family farm,the hospital,a mining town,the empty house
Drama|verdict,scandal,senator,newspaper,trial,union|public,guilty,corrupt,brave,divided|lawyer,journalist,judge,whistleblower|the courtroom,the capital,the newsroom,the picket line
History|empress,treaty,palace,dynasty,scroll,envoy|imperial,forbidden,jade,noble,exiled|scribe,concubine,general,court painter|the winter palace,the silk road,the walled city,the summer court
History|trench,regiment,telegram,bridge,convoy,ration|wounded,wartime,ragged,loyal,final|medic,radio operator,deserter,pilot officer|the western front,the occupied town,the supply line,the river crossing
Documentary|glacier,whale,migration,coral,canyon,wolf|vanishing,vast,living,deep,untamed|marine biologist,wildlife filmmaker,glaciologist,field guide|the Arctic shelf,the great reef,the savanna,the deep trench
Documentary|album,guitar,tour,stage,chorus,studio|legendary,unplugged,raw,loud,restless|drummer,sound engineer,songwriter,roadie|the basement club,the world tour,the recording studio,the festival field
Western|saddle,canyon,bounty,saloon,outlaw,railroad|dusty,lonesome,ruthless,wanted,stubborn|sheriff,drifter,gunslinger,homesteader|Red Mesa,the border town,Copper Gulch,the stage road
Thriller|agent,dossier,embassy,double,border,code|covert,expired,deniable,cold,classified|field agent,analyst,courier,defector|Vienna,the safe house,Checkpoint Six,the embassy garden
Sport|final,season,coach,rival,jersey,overtime|unbeaten,underdog,injured,home,golden|goalkeeper,retired champion,rookie,physiotherapist|the stadium,the second division,the training camp,the away end
Sport|lap,engine,gearbox,pit stop,circuit,trophy|fastest,reckless,flat-out,wet,turbocharged|test driver,mechanic,team owner,co-driver|the mountain circuit,the desert rally,the pit lane,Turn Nine
`;

export const themes: readonly Theme[] = lines
  .trim()
  .split('\n')
  .map((line) => {
    const [genre, nouns, adjectives, heroes, places] = line.split('|');
    return {
      genre,
      nouns: nouns.split(','),
      adjectives: adjectives.split(','),
      heroes: heroes.split(','),
      places: places.split(','),
    };
  });
