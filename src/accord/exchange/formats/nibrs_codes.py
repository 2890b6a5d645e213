"""What the codes of NIBRS mean (FBI, NIBRS Technical Specification and User Manual, 2023).

The words are codes of the ontology. A code that is not here is kept as it was written.
"""

from __future__ import annotations

OFFENCES = {
    "720": "animal-cruelty", "200": "arson", "13A": "aggravated-assault", "13B": "simple-assault",
    "13C": "intimidation", "510": "bribery", "220": "burglary", "250": "counterfeiting-forgery",
    "290": "destruction-of-property", "35A": "drug-violation", "35B": "drug-equipment-violation",
    "270": "embezzlement", "210": "extortion", "26A": "false-pretences", "26B": "card-fraud",
    "26C": "impersonation", "26D": "welfare-fraud", "26E": "wire-fraud", "26F": "identity-theft",
    "26G": "hacking", "26H": "money-laundering", "39A": "betting", "39B": "operating-gambling",
    "39C": "gambling-equipment-violation", "39D": "sports-tampering", "09A": "murder",
    "09B": "negligent-manslaughter", "09C": "justifiable-homicide", "64A": "trafficking-commercial-sex",
    "64B": "trafficking-involuntary-servitude", "100": "kidnapping", "23A": "pocket-picking",
    "23B": "purse-snatching", "23C": "shoplifting", "23D": "theft-from-building",
    "23E": "theft-from-machine", "23F": "theft-from-motor-vehicle", "23G": "theft-of-vehicle-parts",
    "23H": "other-theft", "240": "motor-vehicle-theft", "370": "obscene-material",
    "40A": "prostitution", "40B": "promoting-prostitution", "40C": "purchasing-prostitution",
    "120": "robbery", "11A": "rape", "11B": "sodomy", "11C": "sexual-assault-with-object",
    "11D": "fondling", "36A": "incest", "36B": "statutory-rape", "280": "stolen-property",
    "520": "weapon-violation", "30A": "illegal-entry", "30B": "false-citizenship",
    "30C": "smuggling-aliens", "30D": "re-entry-after-deportation", "90A": "bad-checks",
    "90B": "curfew-loitering", "90C": "disorderly-conduct", "90D": "driving-under-the-influence",
    "90E": "drunkenness", "90F": "family-offence", "90G": "liquor-violation",
    "90H": "peeping-tom", "90J": "trespass", "90Z": "other-offence",
}  # fmt: skip
_GROUPS = {
    "human-trafficking": ("64A", "64B"),
    "drugs": ("35A", "35B"),
    "violence": (
        "09A", "09B", "09C", "100", "11A", "11B", "11C", "11D", "120", "13A", "13B", "13C", "36A",
        "36B",
    ),
    "property": (
        "200", "220", "23A", "23B", "23C", "23D", "23E", "23F", "23G", "23H", "240", "280", "290",
    ),
    "financial": (
        "210", "250", "26A", "26B", "26C", "26D", "26E", "26F", "26H", "270", "510", "90A",
    ),
    "weapons": ("520",),
    "cyber": ("26G",),
    "immigration": ("30A", "30B", "30C", "30D"),
}  # fmt: skip
GROUP_OF = {code: group for group, codes in _GROUPS.items() for code in codes}
LOCATIONS = {
    "01": "air-bus-train-terminal", "02": "bank", "03": "bar-nightclub", "04": "church-temple",
    "05": "commercial-office", "06": "construction-site", "07": "convenience-store",
    "08": "department-store", "09": "drug-store-hospital", "10": "field-woods",
    "11": "government-building", "12": "grocery", "13": "highway-street", "14": "hotel-motel",
    "15": "jail-prison", "16": "lake-waterway", "17": "liquor-store", "18": "parking-lot",
    "19": "rental-storage", "20": "residence", "21": "restaurant", "22": "school-college",
    "23": "gas-station", "24": "specialty-store", "25": "other-place", "37": "abandoned-structure",
    "38": "amusement-park", "39": "arena-stadium", "40": "atm-apart-from-bank",
    "41": "auto-dealership", "42": "camp-ground", "44": "daycare", "45": "dock-freight-terminal",
    "46": "farm", "47": "gambling-facility", "48": "industrial-site", "49": "military-installation",
    "50": "park-playground", "51": "rest-area", "52": "college-university", "53": "school",
    "54": "shelter", "55": "shopping-mall", "56": "tribal-lands", "57": "community-centre",
    "58": "cyberspace",
}  # fmt: skip
LOSSES = {
    "1": "none", "2": "burned", "3": "counterfeited", "4": "damaged", "5": "recovered",
    "6": "seized", "7": "stolen", "8": "unknown",
}  # fmt: skip
PROPERTY = {
    "01": "aircraft", "02": "alcohol", "03": "automobile", "04": "bicycle", "05": "bus",
    "06": "clothing", "07": "computer", "08": "consumable-goods", "09": "card", "10": "drugs",
    "11": "drug-equipment", "12": "farm-equipment", "13": "firearm", "14": "gambling-equipment",
    "15": "heavy-equipment", "16": "household-goods", "17": "jewellery", "18": "livestock",
    "19": "merchandise", "20": "money", "21": "negotiable-instrument",
    "22": "non-negotiable-instrument", "23": "office-equipment", "24": "other-motor-vehicle",
    "25": "purse-wallet", "26": "radio-television", "27": "recording", "28": "recreational-vehicle",
    "29": "single-dwelling", "30": "other-dwelling", "31": "commercial-structure",
    "32": "industrial-structure", "33": "public-structure", "34": "storage-structure",
    "35": "other-structure", "36": "tool", "37": "truck", "38": "vehicle-parts",
    "39": "watercraft", "77": "other-property", "88": "pending-inventory", "99": "special",
}  # fmt: skip
RACES = {
    "W": "white", "B": "black", "I": "native-american", "A": "asian", "P": "pacific-islander",
    "U": "unknown",
}  # fmt: skip
ETHNICITIES = {"H": "hispanic-latino", "N": "not-hispanic-latino", "U": "unknown"}
RESIDENCE = {"R": "resident", "N": "non-resident", "U": "unknown"}
INJURIES = {
    "N": "none", "B": "apparent broken bones", "I": "possible internal injury",
    "L": "severe laceration", "M": "apparent minor injury", "O": "other major injury",
    "T": "loss of teeth", "U": "unconsciousness",
}  # fmt: skip
ARRESTS = {"O": "on-view", "S": "summoned", "T": "taken-into-custody"}
CLEARANCES = {
    "A": "death-of-offender", "B": "prosecution-declined", "C": "extradition-denied",
    "D": "victim-refused", "E": "juvenile-no-custody", "N": "not-cleared",
}  # fmt: skip
WITHOUT_YEARS = {
    "NN": 0, "NB": 0, "BB": 0, "NEONATAL": 0, "NEWBORN": 0, "BABY": 0,
}  # fmt: skip
"""Ages under a year, as the flat file and as the XML say them."""
PEOPLE = ("I", "L")
"""Types of victim that are human beings: individual, law enforcement officer."""


def offence_group(codes: list[str]) -> str:
    """The offence of a label for all the offences of one report: the gravest word that applies."""
    found = {GROUP_OF.get(code, "other") for code in codes}
    return next((group for group in _GROUPS if group in found), "other")
