/** Invented films, made up for this example: title | year | genres, the first decides | a line about it. */
export const filmList = `
The Salt Between Us|2011|Drama|Two brothers inherit a failing salt works and one unopened letter.
A Room Facing North|2018|Drama|A painter who is losing her sight rents out the studio she can no longer use.
The Last Ferry Home|1997|Drama|On the night a ferry line closes, its crew makes the crossing once more.
Ordinary Weather|2014|Drama|A weather presenter goes home to the village her forecasts always miss.
What the Orchard Kept|2006|Drama,Family|Three generations pick one harvest before the land is sold.
Half a Piano|2020|Drama|After the divorce, a concert pianist and her teacher share one instrument.
The Night Shift Choir|2016|Drama,Comedy|Hospital cleaners form a choir that nobody on the day shift has heard.
Leaving Platform Two|2003|Drama,Romance|Every Friday a widower sees the same train off, until somebody gets out.
The Understudy|2009|Drama|An actress learns a role for eleven years and is called on the worst night.
Brick by Brick|1989|Drama,History|A strike at a kiln, told by the children who carried the bread.
The Translator's Daughter|2021|Drama|She finds the sentences that her mother left out.
Low Water|2013|Drama,Crime|When the reservoir sinks, a drowned village and an old promise come up.
Small Hours|2019|Drama|Four strangers share a launderette and one long winter night.
The Committee for Nothing|2015|Comedy|A town founds a committee to dissolve its committees.
My Cousin the Consul|2002|Comedy|A plumber is taken for a diplomat and turns out to be rather good at it.
Overbooked|2017|Comedy|Two weddings, one hotel, and a night porter who said yes to both.
The Accidental Choirmaster|2008|Comedy|He only came in to ask for directions.
Please Hold|2020|Comedy|The whole world waits in one telephone queue and falls in love there.
A Goat in the Lift|1994|Comedy,Family|It is the tenth floor, it is a Sunday, and the goat has a key.
The Unlikely Marathon|2012|Comedy,Sport|The slowest runner of a small island is its only runner.
Grandmother Takes the Wheel|2005|Comedy,Family|At eighty-one she passes the test and asks for the motorway.
The Third Best Man|2019|Comedy,Romance|Promoted twice in a week, he still does not have a speech.
Minutes of the Meeting|2010|Comedy|The secretary begins to write down what everybody means.
Lost Luggage|2016|Comedy,Adventure|Five suitcases, four owners, three countries.
The Honest Salesman|1999|Comedy|A head injury leaves him unable to lie, and his sales double.
Sunburn|2014|Comedy|Two families share one holiday house and a single parasol.
The Slow Orbit|2015|Science fiction|A repair crew has nineteen years to think about what it will say.
Copper Sky|2007|Science fiction|A colony discovers that its sun is on a lease.
The Memory Market|2018|Science fiction,Crime|Somebody sells a summer that she never had.
Station Nine|1986|Science fiction|The relief crew arrives and finds itself already on duty.
Echoes of Titan|2012|Science fiction,Adventure|A probe answers a question that was never sent.
The Quiet Machine|2021|Science fiction,Drama|A care robot learns to be silent at the right moment.
Borrowed Gravity|2004|Science fiction|On a spinning freighter somebody is walking on the ceiling.
Perihelion|2019|Science fiction|Seven people, one shield, and the closest anybody has flown.
The Second Copy|2016|Science fiction,Mystery|He is told that he is the backup, and that the original is missing.
Dust of Many Moons|2010|Science fiction|A customs officer weighs what smugglers bring from thirty moons.
Signal Lost, Signal Found|1998|Science fiction|An old listener keeps a radio dish that was switched off years ago.
The Last Analogue Girl|2022|Science fiction,Romance|In a city of recordings she only ever happens once.
Cold Engines|2013|Science fiction,Horror|The ship woke them all, and nobody set the alarm.
The Lighthouse Ledger|2008|Mystery|A keeper's accounts list ships that never were.
Seven Chairs|1992|Mystery|Seven guests are invited, eight chairs are taken.
The Clockmaker's Alibi|2014|Mystery,Crime|Every clock in the house agrees, and each of them lies.
Fog on the Headland|2001|Mystery|A postmistress reads one letter and closes the post office.
The Paper Witness|2017|Mystery|A forger is asked to swear to a document that she made.
Room 214|2011|Mystery|The hotel has no second floor.
The Vicar's Cipher|1979|Mystery|Hymn numbers on the board begin to add up.
A Death in Watercolour|2006|Mystery,Drama|An art class paints the same bay, and one picture shows a boat.
The Archivist|2019|Mystery|What was removed from the file can be told from the dust.
Night Train to Marrow|1964|Mystery,Romance|Between two stations a passenger becomes another.
The Missing Hour|2015|Mystery|When the clocks go back, a town loses more than an hour.
The Bell Beneath|2020|Mystery,Horror|Divers hear a church where there is only lake.
Letters to Nobody|2010|Mystery|A dead letter office employs its own detective.
The House on Gallow Hill|1982|Horror|The lease says to leave the top stair alone.
Marrow|2018|Horror|A bone carver takes on an apprentice who does not sleep.
What Walks the Hedgerow|2013|Horror|A village trims its hedges every year, and counts the children.
The Empty Ward|2009|Horror|The night nurse hears bells from beds that were sold long ago.
Harvest of Teeth|1978|Horror|A dentist moves to the country and finds the soil full.
The Hollow Choir|2016|Horror,Mystery|They have sung together for ninety years, in the same voices.
Under the Ice Road|2021|Horror,Adventure|A convoy driver sees headlights below her wheels.
Mother of Moths|2004|Horror|She left a lamp on in the attic, and something brought its family.
The Wallpaper People|2011|Horror|Beneath each layer is a family that looks more afraid.
Static|1999|Horror,Science fiction|A television engineer finds a channel that is watching.
The Long Cellar|2014|Horror|Every house in the street has a door to it.
Grey Tide|2019|Horror|The sea brings back what was scattered on it.
Do Not Answer the Well|1988|Horror|Children dare each other to call, and one day it calls first.
The Bookshop at Rain Lane|2012|Romance|He sells her the novel he wrote about her, and she haggles.
Postcards in Reverse|2017|Romance|They met at the end and write themselves back to the start.
A Vineyard in August|2003|Romance|A soil scientist is sent to close a vineyard and stays for the grapes.
Two Left Gloves|2010|Romance,Comedy|A lost glove, a small advertisement, and the wrong reply.
The Piano Tuner's Summer|1996|Romance,Drama|Nine pianos, one valley, and a woman who detunes hers.
Meet Me at the Observatory|2019|Romance|An astronomer and a night guard share one hour of darkness.
Umbrella Season|2008|Romance|It rains for forty days on a first date.
The Understated Proposal|2014|Romance,Comedy|He has asked four times, and she has not noticed.
Half Past Forever|2021|Romance|Two clock repairers keep the hands of one square.
Letters from the Lake House|1984|Romance|A summer correspondence in which neither tells the truth.
The Florist Who Forgot|2016|Romance|Each morning he sends flowers to somebody he has to meet again.
A Dance in Four Kitchens|2005|Romance,Family|Two cooks, two divorces, and one wedding menu.
The Other Window|2018|Romance|They talk by signs across a courtyard and are both moving out.
The Amber Pass|2009|Adventure|A mule train crosses the mountains with a cargo it may not open.
Corsair's Daughter|1995|Adventure|She inherits a map, a debt and no ship.
Beyond the Map Room|2013|Adventure,Mystery|A cartographer follows a river that she drew by mistake.
The River That Turned|2020|Adventure|An expedition wakes to find the current going the other way.
Seven Summits and a Dog|2015|Adventure,Family|The dog got there first each time.
Kites over Karakar|2007|Adventure|Two messengers race the monsoon by air.
The Diamond Lighthouse|1981|Adventure|Wreckers, a lens, and a boy who knows the tides.
Sledge|2018|Adventure,Drama|Eleven hundred miles, four women, no radio.
The Last Caravan|1972|Adventure,History|One more crossing before the railway comes.
Under Two Compasses|2011|Adventure|A pilot and a sailor disagree about north.
Treasure of the Tin Islands|2016|Adventure,Comedy|Three brothers find the chest, and then the owner.
The Cloud Diver|2022|Adventure,Science fiction|On a planet without ground somebody goes down.
Stormglass|2004|Adventure|A weather ship is chased by its own forecast.
Below the Green Ice|2014|Documentary|A winter with the people who count what lives beneath.
The Bread Atlas|2019|Documentary|Forty ovens on four continents, one starter.
A Year of One Field|2016|Documentary|Twelve months, one hectare, and everybody who lives in it.
Hands|2008|Documentary|Makers of violins, wigs, false teeth and watches, without a word.
The Last Projectionist|2011|Documentary,History|He shows a film to a full house, and then to nobody.
Whale Time|2021|Documentary|What two hundred years are like for one animal.
Tunnel Music|2013|Documentary|Buskers of nine underground lines, and those who walk by.
Letters Home, Unsent|2005|Documentary,History|A trunk of army mail is delivered seventy years late.
The Glacier Clerk|2017|Documentary|She has measured the same ice every Sunday since she was ten.
Pigeon People|2010|Documentary,Comedy|Racing birds, rival lofts, and a contested photo finish.
Night Soil|2018|Documentary|The city after midnight, by those who carry its waste.
Sixty-Four Squares|2015|Documentary,Sport|A village in which everybody plays chess and nobody resigns.
The Beekeeper's Radio|2020|Documentary|A mountain station that broadcasts to hives.
The Fox Who Kept the Moon|2010|Animation,Family|A fox hides the moon for a night and must give it back to everyone.
Paper Boats|2014|Animation|A folded fleet sails from a gutter to the sea.
Tin and Thistle|2018|Animation,Family|A clockwork knight guards a garden against an early spring.
The Boy Who Drew Doors|2007|Animation,Adventure|Every door he draws opens, and he has lost the eraser.
Grandfather Cloud|2021|Animation,Family|It has followed them since the funeral, and it only rains indoors.
The Ink Forest|2003|Animation|An illustrator's monsters ask for better endings.
Snail Express|2012|Animation,Comedy|The slowest postman in the meadow takes on a same-day delivery.
Lantern Street|2016|Animation,Romance|Two street lamps are never lit at the same time.
The Whale in the Attic|1999|Animation,Family|It came up with the damp and is growing.
Needle and Cloud|2019|Animation|A tailor mends the sky and runs out of blue.
Ostrich in Space|2009|Animation,Comedy|A bird that cannot fly is chosen for one reason.
The Wolf's Apprentice|2015|Animation,Adventure|A lamb applies for the post.
Seven Small Dragons|2022|Animation,Family|They fit into one teapot, until they learn to read.
The Bookkeeper|2006|Crime|For thirty years he made the numbers of bad men right.
Cold Checkpoint|1974|Crime|A border guard lets one lorry through.
Two Keys for the Vault|2013|Crime|They hate each other, and each holds half of the plan.
Canal Street Blues|1987|Crime,Drama|A jazz club launders money and loses its drummer.
The Gentle Art of Safes|2018|Crime,Comedy|A retired safecracker is hired to prove that a safe is safe.
Dead Ground|2010|Crime,Mystery|A surveyor finds a plot that no map admits to.
The Counterfeiters' Picnic|2001|Crime,Comedy|They print one note too beautiful to spend.
Witness at Dawn|2015|Crime|She saw everything, and she sells newspapers.
Harbour Rules|2020|Crime|A pilot boat captain brings in the wrong ship.
The Quiet Getaway|2009|Crime|A driver who never speeds is wanted in five cities.
Blackmail for Beginners|2016|Crime,Comedy|A librarian keeps finding things between the pages.
Ashes at the Racetrack|1968|Crime,Sport|A horse, a fire and a very late bet.
The Informant's Garden|2012|Crime,Drama|In witness protection he grows what he used to hide.
Penguin Post|2011|Family,Animation|The southernmost post office gets a very small new clerk.
The Treehouse Parliament|2017|Family,Comedy|The children of the street pass laws, and then a budget.
Bicycles in the Snow|2004|Family|Two sisters deliver the village's bread for one winter.
The Dog Who Learned Latin|1993|Family,Comedy|He will only sit if it is in the imperative.
A Kite for Mr Okafor|2019|Family,Drama|The oldest man on the block never had one.
The Secret of Platform Zero|2013|Family,Adventure|There is a train for lost things, and it is late.
Hedgehog Summer|2008|Family|A boy who does not speak has eleven guests under the shed.
The Biggest Pumpkin in the World|2015|Family,Comedy|It will not go through the gate.
Star Pupils|2021|Family,Science fiction|A class builds a rocket for the school fair and has to explain the orbit.
The Island Without Grown-Ups|1986|Family,Adventure|They only wanted one afternoon.
The Cook of Versailles|2007|History,Comedy|The king is hungry, the revolution is early.
Winter Palace, Back Door|2014|History|The last year of an empire, by those who carried its coal.
The Ink Treaty|1998|History,Drama|Two interpreters decide what their kings have said.
Silk and Iron|2011|History,Adventure|A weaver travels with an army that wears her work.
The Queen's Astronomer|2019|History|She finds a comet and is told to find a better date.
The Bridge Builders|1976|History,Drama|Eleven years, one river, four hundred names.
Ballad of the Toll Road|2003|History,Crime|A village stops paying and begins to sing.
The Printer of Antwerp|2016|History|One banned page, set at night, letter by letter.
A Map of the Plague Year|2020|History,Documentary|A parish clerk draws the streets that have fallen silent.
The Emperor's Left Hand|1989|History|A scribe learns to sign for a man who is dead.
Extra Time|2013|Sport,Drama|A goalkeeper who is about to retire meets one last penalty.
The Long Lane|2008|Sport|A swimmer trains in a canal because the pool was sold.
Southpaw Sisters|2017|Sport,Drama|Twins in one weight class, and only one place.
The Wooden Cup|1991|Sport,Comedy|A village league with six teams and five balls.
Breakaway|2021|Sport|A domestique has one day on which nobody waits for the leader.
Eight Oars|2005|Sport,History|The first crew that was not meant to win.
The Referee|2014|Sport,Crime|He was offered a great deal for doing nothing.
Chalk Dust|2019|Sport|A gymnast comes back to the hall in which she teaches.
Second Wind|2010|Sport,Romance|A sailing race for two who are no longer speaking.
`;
