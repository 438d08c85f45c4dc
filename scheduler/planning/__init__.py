"""Who meets whom, where and when: places residents who wait for a talk with duos of meemakers. Pure; asks no database."""
