/** Invented news, made up for this example: title | section | topics | days ago | first lines. The latest first in each section. */
export const articleList = `
Ferry crews vote for a shorter week|Local|work,transport|0|The island line will sail on four days from autumn, with larger ships and the same pay.
Old swimming baths to open again|Local|buildings,leisure|0|After nine years behind a fence the tiled hall gets a new roof and its first swimmers.
Council plants a tree for every child born|Local|families,nature|1|The first hundred limes went into the ground along the ring road on Saturday.
Market hall keeps its fish counter|Local|food,shops|2|A petition of eleven thousand names saved the oldest stall in the building.
Night bus reaches the northern estates|Local|transport|2|The last departure is at half past two, and the driver waits for the late shift.
Library lends drills, tents and a cargo bike|Local|leisure,shops|3|What people need twice a year now stands between crime novels and cookery.
Bridge closed for three weekends|Local|transport,buildings|4|Divers have found a crack in the second pier, small and forty years old.
A school kitchen wins the county prize|Local|food,families|5|Lentils, bread from the next street, and nobody leaves before the plates are empty.
Tenants buy their own tower block|Local|buildings,money|6|Two hundred and six households signed, and the lift is to be mended first.
The last video shop shuts its door|Local|shops,leisure|8|Its owner gave the films away, one for each customer who told her a story about it.
Allotment holders share their water|Local|nature,weather|9|A dry spring has made good neighbours of forty gardens.
Two villages agree on one fire station|Local|work,buildings|10|The siren stays in the one, the engine moves to the other.
Lake states sign a treaty on water|World|nature,treaties|0|Six governments will measure together what each of them takes.
A border post becomes a museum|World|travel,buildings|1|Where cars once queued for a day, children now stamp their own passports.
Capital bans lorries before nine|World|transport,health|1|Deliveries move to the river and to small electric vans.
Election ends in a tie, and in a walk|World|elections|2|Both candidates crossed the square to each other and asked for a second count.
Desert town runs a year on stored sun|World|energy|3|Salt tanks kept the street lamps burning through every night.
Fishing fleets return to the western banks|World|food,nature|4|After seven closed seasons the shoals are back, and so are the quarrels.
Mountain railway opens after thirty years|World|travel,transport|5|Eleven tunnels and one strike lie behind the first train over the pass.
Parliament lets sixteen-year-olds vote|World|elections,families|6|The law passed by four votes, one of them by telephone.
Islands move their harbour uphill|World|weather,buildings|7|The sea has come a metre closer, so the quay goes a hundred metres back.
A treaty protects the night sky|World|space,treaties|8|Satellites will be painted dark over nine observatories.
Two central banks share one ledger|World|money,treaties|10|Payments across the strait now take seconds and cost next to nothing.
Nomads get a post code of their own|World|travel|12|It belongs to a family and not to a place.
Bakers form the country's largest cooperative|Business|food,work|0|Three hundred ovens buy flour together and share what is left.
Prices of used cars fall for a fifth month|Business|money,transport|1|Dealers say that patience is worth more than a discount.
A shipyard returns to wooden hulls|Business|work,transport|2|Coastal freight under sail is slow, quiet and booked until spring.
Bank opens branches again|Business|money,shops|3|Customers over seventy asked for people, and so did those under twenty.
Four-day week leaves output where it was|Business|work|3|A study of ninety firms finds fewer meetings and more sleep.
Repair shops earn more than sellers|Business|shops,energy|4|Since spare parts must be sold for ten years, benches are full.
Wind farm pays its neighbours|Business|energy,money|5|Each household in sight of a mast gets a share of the harvest.
Start-up rents out empty offices as schools|Business|buildings,families|6|Lessons begin where spreadsheets ended.
Cocoa growers set their own price|Business|food,treaties|8|Three countries sell through one window from this season on.
Insurers send forecasters instead of cheques|Business|weather,money|9|A warning two days before the hail is cheaper than new cars.
The end of the receipt|Business|shops|11|A chain stops printing twelve kilometres of paper a day.
Pensions fund buys a forest|Business|nature,money|12|It plans to sell nothing for eighty years.
Telescope sees rain on a far planet|Science|space,weather|0|The drops are of iron, and they fall sideways.
Bees remember faces for two weeks|Science|animals,nature|1|They know the keeper who brings sugar from the one who takes honey.
A battery made from salt and air|Science|energy|1|It is heavy, cheap and does not mind being left empty.
Old trees talk less than was thought|Science|nature|2|A new count of roots finds fewer bridges between them.
Blood test finds infections in minutes|Science|health|3|A drop on paper, a telephone camera, and an answer before the tea is cold.
Moon dust makes good bricks|Science|space,buildings|4|Baked in a mirror oven they carry a lorry each.
Octopus changes colour in its sleep|Science|animals|5|Whether it dreams is for the animal to say.
Sleep before midnight is not better|Science|health|6|What counts is the same hour every day, says a study of nine thousand nurses.
Seabed map is half finished|Science|nature,space|7|The other half is better known on Mars.
Cheaper enzyme turns straw to sugar|Science|food,energy|8|A fungus from a compost heap does the work.
Glacier ice holds a summer of 1540|Science|weather,nature|10|Dust, pollen and soot tell of eleven months without rain.
Crows count to four, aloud|Science|animals|12|They caw as often as a number on a screen asks them to.
Underdogs win the cup on penalties|Sport|football|0|The goalkeeper, a postman, saved three and took the last one himself.
Marathon changes course for the herons|Sport|running,nature|1|Runners will pass the marsh on the other bank until July.
Rowers cross the strait in record time|Sport|water sports|1|Two sisters, one borrowed boat, four hours and nine minutes.
Stadium sells out for a women's final|Sport|football|2|Forty-one thousand tickets went in a morning.
Chess league plays without clocks|Sport|leisure|3|The longest game of the season ended at breakfast.
Cyclists ask for a slower finish|Sport|cycling,health|4|After three falls the last bend is to be moved.
Village team goes up for the first time|Sport|football,families|5|The pitch slopes, and visitors never learn which way.
Swimmer of seventy-eight breaks her own record|Sport|water sports,health|6|She plans to do it again next year, and slower.
Mountain race runs by night|Sport|running|7|Head lamps drew a line over the ridge that could be seen from the sea.
Referees explain their whistles|Sport|football|9|Decisions are spoken over the loudspeakers from this week.
A velodrome for rainy towns|Sport|cycling,buildings|11|The wooden track was a ship's deck once.
Sailors give up a prize to save a rival|Sport|water sports|12|They turned back a mile before the line.
Lost symphony found in a piano stool|Culture|music|0|Forty pages, three coffee rings, and a slow movement that nobody expected.
Novel written on night shifts wins prize|Culture|books,work|0|The author drove a tram and wrote at the terminus.
Theatre plays to one person at a time|Culture|stage|1|Each evening has forty performances of six minutes.
A museum of things that were lent|Culture|museums,families|2|Umbrellas, ladders, a wedding dress, and the notes that came back with them.
Choir of builders fills the concert hall|Culture|music,work|3|They knew the acoustics, having made the ceiling.
Comics enter the national library|Culture|books,museums|4|Ninety thousand issues, most of them read to pieces.
Painters restore the station's ceiling|Culture|museums,transport|5|Under the soot are nine winds and a signature.
Poems on the back of bus tickets|Culture|books,transport|6|The company prints a new one every week.
Dancers rehearse in the shopping street|Culture|stage,shops|7|Passers-by learn the steps before the first night.
Accordion is the instrument of the year|Culture|music|9|Sales have doubled, and so have complaints.
Puppet opera tours the valleys|Culture|stage,families|10|All singers fit into one van.
Cinema shows silent films with a live band|Culture|music,stage|12|The drummer falls over when the comedian does.
Bread without kneading|Living|food|0|Time does the work: four ingredients, one bowl, and a night's patience.
How to sleep on a train|Living|travel,health|1|Take the lower berth, a scarf and somebody else's timetable.
A balcony that feeds two|Living|nature,food|2|Beans climb, lettuces fall, and tomatoes want the wall.
Walking meetings, honestly tried|Living|work,health|3|After a month we know which of them should have been a letter.
What children learn from boredom|Living|families|4|An afternoon without a plan is not a lost one.
Mend a jumper in an evening|Living|shops,leisure|5|A needle, wool of nearly the right colour, and a lamp.
Swimming in cold water, slowly|Living|water sports,health|6|Ninety seconds are enough for a beginner.
Soup for a week of rain|Living|food,weather|7|Barley, carrots and whatever the market had on Friday.
A week without a telephone|Living|leisure|9|The hardest hour was the one in the queue.
Long walks that begin at a station|Living|travel,running|10|Six ways home for people without a car.
A shared car for a street|Living|transport,money|11|Eight households, one key box, and a calendar in the hall.
How to lend money to friends|Living|money|12|Write it down, and say when you would rather not have it back.
`;
