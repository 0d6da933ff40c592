"""Neutral word lists: places, plain given names, surnames that are things, and made-up companies."""

REGIONS = ("Northern Europe", "Western Europe", "Southern Europe", "North America", "Asia Pacific")

# name, code, region, currency, share of customers, cities
COUNTRIES: tuple[tuple[str, str, str, str, float, tuple[str, ...]], ...] = (
    ("Germany", "DE", "Western Europe", "EUR", 0.20, ("Berlin", "Hamburg", "Munich", "Cologne", "Leipzig")),
    ("France", "FR", "Western Europe", "EUR", 0.11, ("Paris", "Lyon", "Toulouse", "Nantes")),
    ("United Kingdom", "GB", "Western Europe", "GBP", 0.11, ("London", "Leeds", "Bristol", "Glasgow")),
    ("Netherlands", "NL", "Western Europe", "EUR", 0.06, ("Amsterdam", "Utrecht", "Rotterdam")),
    ("Austria", "AT", "Western Europe", "EUR", 0.04, ("Vienna", "Graz", "Linz")),
    ("Switzerland", "CH", "Western Europe", "CHF", 0.04, ("Zurich", "Basel", "Bern")),
    ("Sweden", "SE", "Northern Europe", "SEK", 0.05, ("Stockholm", "Uppsala", "Lund")),
    ("Denmark", "DK", "Northern Europe", "DKK", 0.03, ("Copenhagen", "Aarhus", "Odense")),
    ("Norway", "NO", "Northern Europe", "NOK", 0.03, ("Oslo", "Bergen", "Trondheim")),
    ("Finland", "FI", "Northern Europe", "EUR", 0.03, ("Helsinki", "Tampere", "Turku")),
    ("Spain", "ES", "Southern Europe", "EUR", 0.06, ("Madrid", "Valencia", "Bilbao", "Seville")),
    ("Italy", "IT", "Southern Europe", "EUR", 0.06, ("Milan", "Turin", "Bologna", "Naples")),
    ("Portugal", "PT", "Southern Europe", "EUR", 0.02, ("Lisbon", "Porto", "Braga")),
    ("United States", "US", "North America", "USD", 0.10, ("Boston", "Denver", "Portland", "Austin")),
    ("Canada", "CA", "North America", "CAD", 0.03, ("Toronto", "Montreal", "Calgary")),
    ("Australia", "AU", "Asia Pacific", "AUD", 0.02, ("Sydney", "Perth", "Brisbane")),
    ("Japan", "JP", "Asia Pacific", "JPY", 0.01, ("Osaka", "Kyoto", "Sapporo")),
)

# Units of the currency for one euro at the start.
RATES = {
    "EUR": 1.0,
    "GBP": 0.86,
    "CHF": 0.96,
    "SEK": 11.3,
    "DKK": 7.46,
    "NOK": 11.6,
    "USD": 1.08,
    "CAD": 1.47,
    "AUD": 1.64,
    "JPY": 162.0,
}

ODD_CITIES = {
    "Munich": ("München", "MUNICH", "Munich "),
    "Cologne": ("Köln", "cologne"),
    "Vienna": ("Wien",),
    "Zurich": ("Zürich", "Zuerich"),
    "Copenhagen": ("København",),
    "London": ("LONDON", "Londn"),
    "Milan": ("Milano",),
}

_GIVEN = (
    "Ada Adam Alba Alma Anna Anton Aron Ben Bianca Bruno Cara Carl Clara Dana David Dora Edda Elena Elias Ella "
    "Emil Emma Erik Eva Felix Fiona Flora Frida Gina Greta Hanna Hugo Ida Ines Irma Ivan Jan Jana Jon Jonas Julia "
    "Kai Kara Karl Kira Lara Lea Lena Leo Lina Lisa Luca Lukas Luna Maja Mara Marc Maria Marta Max Mia Mila Milo "
    "Mina Nadia Nico Nina Noah Nora Olga Oscar Otto Paula Paul Petra Pia Ralf Rita Robin Rosa Ruben Sara Selma "
    "Silas Simon Sofia Stella Sven Tara Theo Tilda Tim Tom Uma Vera Victor Viola Wanda Yara Zoe "
)
GIVEN = _GIVEN.split()

_SURNAMES = (
    "Acorn Alder Amber Anvil Apple Ash Aspen Autumn Barley Basalt Bay Beech Birch Bloom Brook Cedar Chalk Cherry "
    "Clay Cliff Clover Coast Copper Coral Crane Dale Dune Elder Elm Fern Field Finch Flint Forest Frost Garden "
    "Glade Granite Grove Harbor Hawthorn Hazel Heath Heron Hill Holly Iris Island Ivory Ivy Juniper Lake Larch "
    "Lark Laurel Linden Maple Marble Marsh Meadow Mill Moss Nettle North Oak Olive Orchard Pebble Pine Plain Plum "
    "Poplar Quarry Quartz Rain Reed Ridge River Robin Rose Rowan Sage Sand Shore Silver Slate Snow South Spring "
    "Spruce Stone Storm Summer Swan Thorn Tide Vale Violet Water West Wheat Willow Winter Wood Wren Yarrow "
)
SURNAMES = _SURNAMES.split()

# category, department, price range in euros, weight in kilograms, season (month of the peak, strength), return rate
CATEGORIES: tuple[tuple[str, str, tuple[float, float], float, tuple[int, float], float], ...] = (
    ("Laptops", "Electronics", (450, 1900), 2.0, (11, 0.3), 0.05),
    ("Headphones", "Electronics", (25, 320), 0.3, (12, 0.5), 0.07),
    ("Cameras", "Electronics", (180, 1400), 0.9, (7, 0.3), 0.05),
    ("Smart Home", "Electronics", (19, 260), 0.5, (12, 0.4), 0.06),
    ("Kitchen", "Home", (8, 240), 1.6, (12, 0.3), 0.03),
    ("Furniture", "Home", (45, 900), 18.0, (3, 0.2), 0.06),
    ("Lighting", "Home", (12, 210), 1.2, (11, 0.3), 0.04),
    ("Bedding", "Home", (15, 190), 1.8, (1, 0.3), 0.05),
    ("Garden", "Outdoor", (6, 320), 4.0, (5, 0.8), 0.03),
    ("Camping", "Outdoor", (12, 480), 3.0, (7, 0.8), 0.05),
    ("Cycling", "Outdoor", (9, 650), 2.5, (6, 0.6), 0.05),
    ("Shoes", "Fashion", (35, 190), 0.9, (9, 0.2), 0.16),
    ("Jackets", "Fashion", (49, 320), 1.1, (10, 0.7), 0.14),
    ("Accessories", "Fashion", (7, 90), 0.2, (12, 0.3), 0.08),
    ("Toys", "Family", (6, 130), 0.8, (12, 1.0), 0.03),
    ("Books", "Family", (5, 45), 0.5, (12, 0.5), 0.01),
)

_ADJECTIVES = (
    "Amber Arctic Bright Calm Classic Clear Compact Cosy Crisp Daily Deep Easy Fine Fresh Grand Green Light "
    "Lively Mellow Modern Nordic Plain Prime Pure Quick Quiet Round Simple Slim Smart Soft Solid Swift True Urban "
    "Vivid Warm "
)
ADJECTIVES = _ADJECTIVES.split()

NOUNS = {
    "Laptops": ("Notebook", "Ultrabook", "Workstation"),
    "Headphones": ("Headphones", "Earbuds", "Headset"),
    "Cameras": ("Camera", "Lens", "Action Camera"),
    "Smart Home": ("Thermostat", "Doorbell", "Smart Plug", "Speaker"),
    "Kitchen": ("Kettle", "Pan", "Toaster", "Knife Set", "Blender"),
    "Furniture": ("Chair", "Desk", "Shelf", "Sofa"),
    "Lighting": ("Lamp", "Lantern", "Spotlight"),
    "Bedding": ("Pillow", "Duvet", "Blanket"),
    "Garden": ("Spade", "Hose", "Planter", "Parasol"),
    "Camping": ("Tent", "Sleeping Bag", "Stove"),
    "Cycling": ("Helmet", "Saddle", "Bike Light", "Pannier"),
    "Shoes": ("Sneaker", "Boot", "Sandal"),
    "Jackets": ("Parka", "Raincoat", "Fleece"),
    "Accessories": ("Scarf", "Belt", "Wallet", "Cap"),
    "Toys": ("Puzzle", "Building Set", "Plush Bear", "Train"),
    "Books": ("Cookbook", "Novel", "Atlas", "Picture Book"),
}

SUPPLIER_KINDS = ("Works", "Supply", "Trading", "Goods", "Industries", "Makers")
SEGMENTS = (("Consumer", 0.68), ("Small Business", 0.22), ("Corporate", 0.10))
JOBS = (("Sales Associate", 31000), ("Cashier", 28000), ("Store Manager", 52000), ("Stock Clerk", 29500))
CARRIERS = (("Swift Parcel", 2.0), ("Blue Arrow Post", 3.0), ("Green Mile", 4.5), ("Overland Freight", 6.0))
ODD_CARRIERS = ("swift parcel", "Blue Arow Post", "GREEN MILE")
REASONS = ("Does not fit", "Defective", "Changed mind", "Arrived late", "Wrong item")
METHODS = (("Card", 0.52), ("Wallet", 0.22), ("Invoice", 0.16), ("Bank Transfer", 0.10))
PROMOTIONS = (("New Year Sale", 1, 3, 18, 15), ("Spring Days", 4, 5, 12, 10), ("Summer Sale", 7, 1, 21, 20))
BLACK_WEEK = ("Black Week", 11, 20, 10, 25)
