/** Invented products, made up for this example: title | department | brand | price in euros | sponsored or nothing | a line about it. */
export const productList = `
Enamel pot, 3 litres|Kitchen|Nordlund|39||Goes from the stove to the table and outlives both.
Bread knife|Kitchen|Halm & Co|24||A wave of steel for crusts that answer back.
Cast-iron pan|Kitchen|Nordlund|52||Heavy, black, and better every year.
Pepper mill|Kitchen|Tamsin|31||Turned from one piece of pear wood.
Linen tea towels, four|Kitchen|Halm & Co|18||Drink a dripping dish in one go.
Kitchen scale|Kitchen|Ostara|27||To the gram, without a battery.
Teapot with a patient spout|Kitchen|Tamsin|34||Pours where it is pointed.
Moka pot, 4 cups|Kitchen|Ostara|29|sponsored|Gurgles when breakfast is ready.
Fermentation crock|Kitchen|Halm & Co|46||Five litres of cabbage and time.
Set of three sieves|Kitchen|Nordlund|22|sponsored|For flour, for berries, for tea.
Waterproof jacket|Outdoors|Kestrel|129||Keeps out a whole week of north-west.
Tent for two|Outdoors|Kestrel|189||Stands in four minutes, also in the dark.
Sleeping bag, three seasons|Outdoors|Fellmark|119||Down that is warm to minus five.
Head lamp|Outdoors|Lumo|35||Forty hours on one charge.
Wool socks, two pairs|Outdoors|Fellmark|21||For the second day of a walk.
Camping stove|Outdoors|Kestrel|58||Boils a litre while the mist lifts.
Folding cup|Outdoors|Lumo|9||Fits where a coin does.
Rucksack, 30 litres|Outdoors|Fellmark|98|sponsored|Sits on the hips and stays there.
Compass|Outdoors|Kestrel|26||Needs no satellite and no charge.
Thermos flask|Outdoors|Lumo|32|sponsored|Coffee at eight, hot at eight.
Seed box, twelve vegetables|Garden|Greenacre|17||From radish to runner bean, in the order of sowing.
Hand fork|Garden|Greenacre|14||Forged, with an ash handle.
Watering can, 8 litres|Garden|Halm & Co|36||Zinc, with a rose as fine as rain.
Pruning shears|Garden|Brackley|42||Every part can be replaced.
Bird house|Garden|Greenacre|28||For tits, with a door for cleaning.
Compost thermometer|Garden|Brackley|19||Tells when the heap is at work.
Raised bed, larch|Garden|Brackley|88||A metre and a half of good soil.
Garden gloves|Garden|Greenacre|12|sponsored|Thorns stay outside, feeling stays inside.
Rain barrel|Garden|Brackley|79|sponsored|Three hundred litres of the last storm.
Herb spiral kit|Garden|Greenacre|49||Dry on top, moist below, all within reach.
Novel: The Salt Road|Books|Quayside Press|16||Three generations, one mountain pass.
Novel: Night Ferry|Books|Quayside Press|15||A crossing that takes a life.
Cookbook: Five Ingredients|Books|Larder House|24||Everything that a small kitchen needs to know.
Atlas of Small Islands|Books|Longitude|38||Ninety islands that no ship calls at.
Field guide: Birds by Ear|Books|Longitude|22||Two hundred voices and how to remember them.
Poems for the Tram|Books|Quayside Press|12||Each as long as a stop.
History of the Potato|Books|Larder House|19||How a root moved three continents.
Crossword omnibus|Books|Longitude|11|sponsored|Three hundred ways to be late.
Graphic novel: Station Cat|Books|Quayside Press|18||She knows every departure.
Notebook for walkers|Books|Longitude|13|sponsored|Paper that takes ink in the rain.
Wooden railway|Children|Pim|45||Twenty-six pieces and no battery.
Kite|Children|Windling|23||Flies in the breath of a slow run.
Water colours, 24 pans|Children|Pim|19||With a brush that is worth keeping.
Marble run|Children|Pim|39||Gravity, explained for hours.
Board game: Harbour Master|Children|Windling|29||Ships, cranes, and one fog card.
Skipping rope|Children|Windling|8||Long enough for three.
Magnifying glass|Children|Pim|11||For ants, stamps and splinters.
Building blocks, beech|Children|Pim|34|sponsored|A hundred edges, all of them true.
Puppet theatre|Children|Windling|55|sponsored|Curtain, stage, and a crocodile.
Glow stars|Children|Pim|9||A ceiling that says good night.
Desk lamp|Home|Lumo|64||Light where the page is, and nowhere else.
Wool blanket|Home|Fellmark|85||Woven in one valley, warm in all.
Wall clock|Home|Ostara|48||Silent, since a bedroom has ears.
Door mat, coconut|Home|Halm & Co|21||Takes the garden off the boots.
Candles, dozen|Home|Tamsin|16||Beeswax, dipped eleven times.
Coat rack|Home|Nordlund|59||Five hooks of steamed beech.
Wash basket|Home|Halm & Co|33||Willow, with a lid that stays.
Reading chair cushion|Home|Fellmark|37|sponsored|One more chapter.
Plant shelf|Home|Nordlund|72|sponsored|Three steps up to the window.
Picture frames, three|Home|Tamsin|27||Ash, oak and pear.
`;
