/** What a reader takes to be nearer: text, near text, far text. Written apart from the training grammar; few share a word. */
export const triplets = `
a scary film for halloween night|horror movie with ghosts|light comedy about a wedding
two people falling for each other in paris|a tender romance|a documentary on glaciers
the murder of a banker is investigated|detective solves a killing|a cookbook for vegetarians
men on a spaceship far from earth|sci-fi about astronauts|western with cowboys
wizards fight a dragon|fantasy epic with sorcerers|a film about football
soldiers in the trenches|a war drama|animated film for children
laugh-out-loud antics in an office|hilarious workplace comedy|grim courtroom trial
a striker leads her team to the cup|soccer championship story|haunted house story
how lions raise their cubs|wildlife of the savanna|stock market investing
gunslingers in a dusty town|the sheriff and the outlaw|robots take over the lab
pirates hunting for gold|buccaneers seek treasure|a quiet family drama
a spy behind enemy lines|secret agent thriller|baking with sourdough
trainers for running|sports shoes with cushioned soles|leather sofa
warm winter coat|a cosy parka with a hood|electric drill
notebook computer with lots of memory|laptop with 16 GB ram|garden hose
wireless earbuds|bluetooth headphones|oak dining table
comfy couch|upholstered sofa|mountain bike
power drill for repairs|electric screwdriver tool kit|lipstick set
flowers for your balcony|planter with tulip bulbs|graphics card
food for your puppy|dog treats|printer ink
pram for newborns|baby stroller|chainsaw
moisturiser for dry skin|face lotion|car tyre
tent for two hikers|camping shelter|office stapler
gold wedding band|silver ring with a diamond|frying pan
chocolate layer cake|cocoa sponge with icing|grilled salmon
hearty lentil soup|warming bean stew|strawberry ice cream
beef steak with gravy|roast meat dish|yoga for beginners
meals without any meat|vegetarian recipes|pork sausage platter
spaghetti with tomatoes|italian pasta dish|hip hop album
prawns and mussels|seafood platter|mango smoothie
cold beer and cocktails|drinks at the bar|hiking boots
loud guitars and drums|heavy metal band|a string quartet by a baroque composer
beethoven sonata for piano|classical concerto|rap battle
techno for the dance floor|electronic club beats|folk ballads with banjo
learn to code in python|programming for beginners|pasta making workshop
speak french with confidence|language lessons|strength training in the gym
statistics and neural networks|machine learning class|watercolour painting class
sunny island with palm trees|tropical beach resort|ski lift in the alps
snowy slopes and cabins|mountain ski holiday|nightclub in the city centre
paintings by famous artists|art museum exhibition|fishing rod
a cheap place to sleep|budget hostel|expensive perfume
cheerful melodies for kids|happy songs for children|gruesome slasher
`
  .trim()
  .split('\n')
  .map((line) => {
    const [text, near, far] = line.split('|');
    return { text, near, far };
  });
