"""Words of column names by which sensitive columns are known, and those by which their look-alikes are."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABOUT = _words(
    "type types kind status state count counts number_of num total avg sum flag is has was verified valid confirmed "
    "allowed enabled optin opt template subject body format pattern length len model brand os version plan provider "
    "domain category class group level rank score domain_name changed updated created expires expiry expired at reset "
    "policy required rule label title source bounce bounced opened clicked sent failed attempts attempt limit quota "
    "price cost fee usage used left remaining id ids key_id ref scheme scope cell_type color colour size width height "
    "duration minutes seconds calls call preference consent language lang tokens place city country year month age "
    "prefix suffix_rule mask masked hash_type algorithm weight rate area region code"
)
"""A name with one of these speaks about the thing: `phone_type`, `email_verified`, `token_count`."""

EMAIL = re.compile(r"(^|_)(e_?mail|mail_address|correo|courriel)(_address|_addr|_1|_2)?$")
PHONE = re.compile(
    r"(^|_)(phone|phones|telephone|tel|mobile|mobil|cell|cellphone|fax|telefon|telefono|handy|msisdn|whatsapp)"
    r"(_(no|nr|number|num|1|2|home|work|mobile|private))?$|^(phone|tel|mobile)_?\d?$"
)
PERSON_NAME = re.compile(
    r"(^|_)(first|last|given|family|middle|maiden|full|birth|legal_first|preferred|sur|nick)_?name$"
    r"|^(fname|lname|surname|forename|vorname|nachname|familienname|prenom|nom_famille|apellido|apellidos|nombre"
    r"|cognome|display_name)$"
    r"|(^|_)(customer|client|employee|staff|person|patient|user|contact|author|student|teacher|passenger|guest|member"
    r"|driver|doctor|physician|nurse|tenant|applicant|candidate|attendee|buyer|recipient|cardholder|holder|manager"
    r"|agent|rep|salesperson|owner|parent|child|spouse|beneficiary|insured|signatory|emergency_contact)_(full_)?name$"
)
PERSONS = _words(
    "customer client employee staff person people patient user contact author student teacher passenger guest member "
    "driver doctor physician nurse applicant candidate attendee buyer recipient singer actor player artist professor "
    "instructor friend visitor"
)
"""In a table of these, a plain `name` is the name of somebody."""
COMPANY = re.compile(
    r"\b(gmbh|ag|inc|ltd|llc|corp|corporation|company|co|plc|s\.?a|sarl|b\.?v|oy|kg|group|holding|holdings|bank|hotel"
    r"|university|department|services|solutions|systems|partners|store|shop)\b\.?",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"(^|_)(street|street_address|address|addr|address_?(line)?_?\d|home_address|strasse|straße|adresse|direccion|rue"
    r"|indirizzo|anschrift)(_?\d|_name|_line_?\d)?$"
)
STREET = re.compile(
    r"\d+.*[^\W\d_]{3,}|[^\W\d_]{3,}.*\d+|\b(street|st|road|rd|avenue|ave|lane|drive|blvd|way|platz|weg|allee|rue|via"
    r"|calle)\b|stra(ss|ß)e\b|str\.",
    re.IGNORECASE,
)
NATIONAL = re.compile(
    r"(^|_)(ssn|social_security(_no|_number|_num)?|national_id(entity)?(_no|_number)?|nino|national_insurance(_no|"
    r"_number)?|nhs_(no|number)|passport(_no|_nr|_number)?|sin_number|cpf|aadhaar|aadhar|personnummer|personal_number"
    r"|steuer_?id|insee|dni|nie|curp|pesel|bsn|codice_fiscale|drivers?_licen[cs]e(_no|_number)?|identity_card(_no|"
    r"_number)?|ausweis(_?nr|nummer)?|svnr|ahv(_?nr)?)$"
)
BIRTH = re.compile(
    r"(^|_)(birth_?date|date_of_birth|dob|birth_?day|born(_on|_at)?|geburtsdatum|geburtstag|fecha_nacimiento"
    r"|date_naissance)$"
)
PASSWORD = re.compile(r"(^|_)(password|passwd|pwd|passphrase|passwort|kennwort|pin)(_(hash|digest|encrypted|salt))?$")
TOKEN = re.compile(
    r"(^|_)(token|api_?key|secret|secret_?key|private_?key|access_?key|client_secret|bearer|credential|webhook_secret"
    r"|refresh_token|session_token|auth_key|otp_seed)(_(hash|value|encrypted))?$"
)
NOT_CARDS = re.compile(r"imei|iccid|serial|ean|gtin|isbn|upc|barcode|sku|order|invoice|tracking|meter")
MACHINES = _words(
    "version build release server host node gateway dns subnet network cidr router pod cluster machine device_ip vip "
    "lb oid firmware netmask mask proxy switch upstream"
)
"""An address of one of these is a machine's and nobody's."""
ROLES = _words(
    "info support sales noreply no-reply donotreply do-not-reply admin office contact hello help billing postmaster "
    "webmaster service kontakt team press jobs hr marketing newsletter abuse security accounts orders mail"
)
"""Mailboxes of functions, which are nobody's own."""
