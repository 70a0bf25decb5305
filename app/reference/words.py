"""The word lists from which catalog.py makes the catalog."""

BRANDS = (
    "Alderholm", "Brightwater", "Caldera", "Dovetail", "Eastmoor", "Fjordline", "Granville",
    "Hearthstone", "Ironbridge", "Juniper", "Kestrel", "Lindqvist", "Marlowe", "Northfold",
    "Oakhaven", "Pemberton", "Quillfeather", "Ridgeway", "Silverthorn", "Tamarack", "Umberfield",
    "Vantage", "Westerly", "Yarrow", "Zephyr",
)  # fmt: skip
ADJECTIVES = (
    "Compact", "Classic", "Foldable", "Heavy-Duty", "Insulated", "Lightweight", "Modular",
    "Nordic", "Outdoor", "Portable", "Quiet", "Reclaimed", "Slimline", "Stackable", "Studio",
    "Travel", "Ultralight", "Vintage", "Waterproof", "Wide",
)  # fmt: skip
NOUNS = (
    "armchair", "backpack", "bench", "blanket", "bookshelf", "carafe", "chopping board", "clock",
    "coffee grinder", "cutlery set", "desk lamp", "drill", "dutch oven", "flask", "floor lamp",
    "folding table", "frying pan", "garden hose", "hand plane", "headphones", "keyboard", "kettle",
    "knife block", "lantern", "mirror", "mixing bowl", "notebook stand", "picnic basket",
    "pressure cooker", "rain jacket", "rucksack", "saw", "sleeping bag", "speaker", "stool", "tent",
    "toolbox", "trolley", "vase", "watering can",
)  # fmt: skip
MATERIALS = (
    "aluminium", "anodised steel", "ash wood", "bamboo", "beech", "borosilicate glass",
    "brushed brass", "canvas", "cast iron", "ceramic", "cork", "enamelled steel", "felt",
    "full-grain leather", "linen", "merino wool", "oak", "recycled polyester", "ripstop nylon",
    "silicone", "stainless steel", "terracotta", "walnut", "waxed cotton",
)  # fmt: skip
COLOURS = (
    "anthracite", "apricot", "azure", "charcoal", "copper", "cream", "forest", "graphite",
    "indigo", "ivory", "lavender", "mint", "moss", "mustard", "navy", "olive", "rust", "sage",
    "sand", "slate", "teal", "terracotta", "white",
)  # fmt: skip
CATEGORIES = (
    "home/kitchen/cookware", "home/kitchen/tools", "home/living/furniture", "home/living/lighting",
    "home/living/textiles", "home/office/desk", "home/office/storage", "garden/furniture",
    "garden/watering", "garden/tools", "outdoor/camping/sleeping", "outdoor/camping/cooking",
    "outdoor/hiking/bags", "outdoor/hiking/clothing", "workshop/hand-tools", "workshop/power-tools",
    "electronics/audio", "electronics/computing",
)  # fmt: skip
TAGS = (
    "bestseller", "bulky", "clearance", "dishwasher-safe", "eco", "express", "fair-trade",
    "fragile", "gift", "handmade", "limited", "new", "oven-safe", "preorder", "refurbished",
    "repairable", "spare-parts", "summer", "vegan", "winter",
)  # fmt: skip
TOWNS = (
    "Aarhus", "Antwerp", "Bergen", "Bilbao", "Bologna", "Bremen", "Brno", "Gdańsk", "Ghent",
    "Gothenburg", "Graz", "Groningen", "Leipzig", "Linz", "Ljubljana", "Lyon", "Malmö", "Nantes",
    "Porto", "Rotterdam", "Tampere", "Tartu", "Turin", "Valencia", "Wrocław",
)  # fmt: skip
OPENINGS = (
    "A dependable", "A hard-wearing", "A quietly elegant", "A roomy", "A small but capable",
    "A well-balanced", "An award-winning", "An easily repaired", "An everyday", "An honest",
    "Our best-known", "Our lightest", "The newest", "The original", "The redesigned",
)  # fmt: skip
MADE = (
    "built from", "carved out of", "cut from", "finished by hand in", "formed from", "lined with",
    "made entirely of", "pressed from", "trimmed with", "turned from", "woven with",
)  # fmt: skip
FEATURES = (
    "a handle that stays cool", "a lid that seals without a gasket", "a ten-litre volume",
    "an adjustable strap", "concealed hinges", "corners rounded for small hands",
    "double-stitched seams", "feet that do not scratch", "four pockets inside",
    "interchangeable parts", "joints that need no glue", "legs that fold flat",
    "markings you can read in the dark", "no visible screws", "one-handed operation",
    "reflective piping", "replaceable bearings", "room for a fifteen-inch laptop",
    "rust-proof fittings", "soft-close runners", "two speeds", "weatherproof zips",
)  # fmt: skip
USES = (
    "At home in", "Chosen by cooks and carpenters for", "Designed for", "Equally useful in",
    "Made to live in", "Sized for", "Tested for five winters in", "Welcome in",
)  # fmt: skip
PLACES = (
    "a busy family kitchen", "a corner office", "a narrow hallway", "a north-facing balcony",
    "a shared workshop", "a student flat", "a weekend cabin", "an allotment shed",
    "small city apartments", "the back of a van", "the garden all year round", "windy campsites",
)  # fmt: skip
CARE = (
    "clean with a damp cloth", "do not bleach", "hand wash only", "keep away from open flames",
    "machine wash at thirty degrees", "oil it once a year", "rinse after every use",
    "store it dry", "tighten the bolts each season", "wipe dry to avoid marks",
)  # fmt: skip
ORIGINS = (
    "Assembled in", "Designed and made in", "From a family workshop near", "Hand-finished in",
    "Packed by a cooperative in", "Produced in small batches in",
)  # fmt: skip
