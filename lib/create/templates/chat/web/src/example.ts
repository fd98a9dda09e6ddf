/** What a new chat suggests to ask. */
export const EXAMPLE =
  "Which public holidays do Japan and Norway have in May 2027? And request leave from 2027-05-06 to 2027-05-07.";
